import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { codeOf } from '../../contract/network-error.ts';
import { ByteStore } from './byte-store.ts';
import { CONTENT_LIMITS } from './content-limits.ts';

/** How a body was decoded. */
export interface Decoded {
  /** The first bytes, {@link CONTENT_LIMITS.keptBytes} at most. */
  readonly kept: Buffer;
  /** Size of the whole decoded body; null if it was not decoded to its end. */
  readonly bytes: number | null;
  /**
   * `cut`: the coded bytes end before the coding does. `beyond_limit`: of this program. `unknown_coding`: one that this
   * program cannot undo. `broken`: the bytes are not what the coding says. `tail`: other bytes follow the end of the
   * coded ones. `late`: it took too long.
   */
  readonly end: 'whole' | 'cut' | 'beyond_limit' | 'unknown_coding' | 'broken' | 'tail' | 'late';
}

/** Signals a decoding that its time is up. */
export interface TimeUp {
  /** Calls back once time is up. @returns ends the wait */
  wait(onTimeUp: () => void): () => void;
}

const CHUNK_BYTES = 64 * 1024;
const INPUT_BYTES = 256 * 1024;
/** Source: RFC 9659 section 3 (a window of 8 MB at most) */
const ZSTD_WINDOW_LOG = 23;

/**
 * Decodes the codings one after the other, the last applied first, in Node's threads and in bounded memory.
 * @param codings in the order in which they were applied
 */
export async function decode(codings: readonly string[], coded: Buffer, timeUp: TimeUp): Promise<Decoded> {
  let bytes = coded;
  let cut = false;
  for (let index = codings.length - 1; index >= 0; index -= 1) {
    const last = index === 0;
    const decoder = decoderOf(codings[index] ?? '', bytes);
    if (decoder === null) return { kept: Buffer.alloc(0), bytes: null, end: 'unknown_coding' };
    const store = new ByteStore(last ? CONTENT_LIMITS.keptBytes : CONTENT_LIMITS.codedBytes);
    const end = bytes.length === 0 ? 'whole' : await run(decoder, bytes, store, timeUp);
    if (end === 'cut') cut = true;
    const overflowed = !last && store.overflowed;
    if (last)
      return { kept: store.kept, bytes: isWhole(end) ? store.total : null, end: end === 'whole' && cut ? 'cut' : end };
    if (!isWhole(end) || overflowed)
      return { kept: Buffer.alloc(0), bytes: null, end: overflowed ? 'beyond_limit' : end };
    bytes = store.kept;
  }
  return { kept: coded.subarray(0, CONTENT_LIMITS.keptBytes), bytes: coded.length, end: 'whole' };
}

const isWhole = (end: Decoded['end']): boolean => end === 'whole' || end === 'cut';

function decoderOf(coding: string, bytes: Buffer): Transform | null {
  const options = { chunkSize: CHUNK_BYTES };
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip(options);
    case 'deflate':
      // Some servers omit the zlib wrapper that RFC 9110 section 8.4.1.2 requires.
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options);
    case 'br':
      return zlib.createBrotliDecompress(options);
    case 'zstd':
      return zstdDecoder();
    default:
      return null;
  }
}

/** Node has it from 22.15 on. */
function zstdDecoder(): Transform | null {
  const { createZstdDecompress, constants } = zlib as unknown as {
    readonly createZstdDecompress?: (options: unknown) => Transform;
    readonly constants: Readonly<Record<string, number>>;
  };
  const windowLogMax = constants.ZSTD_d_windowLogMax;
  if (createZstdDecompress === undefined || windowLogMax === undefined) return null;
  return createZstdDecompress({ chunkSize: CHUNK_BYTES, params: { [windowLogMax]: ZSTD_WINDOW_LOG } });
}

/** Feeds a decoder piece by piece, and ends its input only after all pieces have been decoded. */
function run(decoder: Transform, coded: Buffer, store: ByteStore, timeUp: TimeUp): Promise<Decoded['end']> {
  return new Promise((resolve) => {
    let fed = 0;
    const end = (how: Decoded['end']) => {
      endWait();
      decoder.removeAllListeners();
      decoder.on('error', () => {});
      decoder.destroy();
      resolve(how);
    };
    const feed = () => {
      if (decoder.destroyed) return;
      if (fed >= coded.length) {
        decoder.end();
        return;
      }
      const piece = coded.subarray(fed, fed + INPUT_BYTES);
      fed += piece.length;
      decoder.write(piece, feed);
    };
    const endWait = timeUp.wait(() => end('late'));
    decoder.on('data', (bytes: Buffer) => {
      store.add(bytes);
      if (store.total > CONTENT_LIMITS.decodedBytes) end('beyond_limit');
    });
    decoder.once('end', () => end('whole'));
    decoder.once('error', (error) => end(faultOf(error, coded)));
    feed();
  });
}

/** The first bytes of gzip data. Source: RFC 1952 section 2.3.1 */
const GZIP = Buffer.from([0x1f, 0x8b, 8]);
/** What zlib reports of bytes that are no such beginning. */
const NO_GZIP = new Set(['incorrect header check', 'unknown compression method']);

/** gzip data may be followed by more gzip data (RFC 1952 section 2.2), so zlib looks for it behind the end. */
function faultOf(error: Error, coded: Buffer): Decoded['end'] {
  if (codeOf(error) === 'Z_BUF_ERROR') return 'cut';
  return NO_GZIP.has(error.message) && coded.subarray(0, GZIP.length).equals(GZIP) ? 'tail' : 'broken';
}
