/**
 * Limits on what is read of one answer, bytes. They are this program's own. An answer beyond them may be valid, so it
 * never counts as faulty. Common clients stop at about 300 kB of head.
 */
export const LIMITS = Object.freeze({
  /** All heads of one answer together, the interim ones included. */
  headBytes: 320 * 1024,
  /** One line with the size of a chunk, its extensions included. */
  chunkLineBytes: 64 * 1024,
  trailerBytes: 64 * 1024,
  /** Size lines and line ends of all chunks together, beside {@link LIMITS.framingPerContentByte} for each byte of content. */
  framingBytes: 1024 * 1024,
  framingPerContentByte: 64,
});
