const MIB = 1024 * 1024;

/**
 * Limits on reading, decoding and searching one body. They are this program's own, so beyond them the verdict is
 * unknown.
 */
export const CONTENT_LIMITS = Object.freeze({
  /** Bytes of a body that are kept for its conditions, its codings undone. */
  keptBytes: 8 * MIB,
  /** Bytes of a coded body that are kept to undo its codings, and of what lies between two codings. */
  codedBytes: 16 * MIB,
  /** Bytes of a body that are counted, its codings undone. */
  decodedBytes: 64 * MIB,
  /** Codings of one body. */
  codings: 5,
  /** Containers within each other in a JSON document. */
  jsonDepth: 1000,
  /** Time for one pattern, ms. */
  patternMs: 50,
  /** Time for decoding and judging that a body has even where the timeout is used up, ms. */
  contentMs: 800,
});

/** A number of bytes for display: `8 MiB`. */
export const inMiB = (bytes: number): string => `${bytes / MIB} MiB`;
