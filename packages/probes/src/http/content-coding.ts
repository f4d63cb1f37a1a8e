import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

/** A few bytes can unfold to gigabytes: no content is unfolded beyond this. */
const MOST_DECODED_BYTES = 64 * 1024 * 1024;

const limit = { maxOutputLength: MOST_DECODED_BYTES };
const unGzip = promisify<Buffer, typeof limit, Buffer>(gunzip);
const unZlib = promisify<Buffer, typeof limit, Buffer>(inflate);
const unDeflate = promisify<Buffer, typeof limit, Buffer>(inflateRaw);
const unBrotli = promisify<Buffer, typeof limit, Buffer>(brotliDecompress);

/**
 * Undoes the codings of a Content-Encoding header, the last applied first. null: cut short, too large unfolded, or a
 * coding that nobody asked for; 'broken': not what the header says.
 */
export async function undoEncodings(
  header: string,
  content: readonly Buffer[],
  truncated: boolean,
): Promise<Buffer | 'broken' | null> {
  if (truncated) return null;
  let bytes: Buffer = Buffer.concat(content);
  if (bytes.length === 0) return bytes;
  for (const coding of header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .reverse()) {
    try {
      const undone = await undo(coding, bytes);
      if (undone === null) return null;
      bytes = undone;
    } catch (error) {
      const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return tooLarge ? null : 'broken';
    }
  }
  return bytes;
}

async function undo(coding: string, bytes: Buffer): Promise<Buffer | null> {
  switch (coding) {
    case 'identity':
    case '':
      return bytes;
    case 'gzip':
    case 'x-gzip':
      return unGzip(bytes, limit);
    case 'deflate':
      // Some servers leave the zlib wrapper out that RFC 9110 section 8.4.1.2 asks for.
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? unZlib(bytes, limit) : unDeflate(bytes, limit);
    case 'br':
      return unBrotli(bytes, limit);
    default:
      return null;
  }
}
