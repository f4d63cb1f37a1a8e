import { ChunkedReader, type ContentSink } from './chunked-reader.ts';
import { type Framing, framingOf } from './framing.ts';
import { type ParsedHead, parseHead } from './head.ts';
import { HeadBytes } from './head-bytes.ts';
import { headerListOf } from './header-lookup.ts';
import type { Irregularity } from './irregularity.ts';
import { LIMITS } from './limits.ts';
import type { ReadFault } from './read-fault.ts';

/** The head of the final answer. */
export interface ResponseHead extends ParsedHead {
  readonly framing: Framing;
  /** The connection can carry another request after this answer. Source: RFC 9112 section 9.3 */
  readonly persistent: boolean;
}

/** Receives the reader's results: the head, then the content without the chunked coding. */
export interface ResponseSink extends ContentSink {
  /** Called once, with the head of the final answer. */
  head(head: ResponseHead): void;
}

/**
 * Reads one answer of HTTP/1.x from the bytes of its connection, as liberally as common clients do, in bounded memory. It
 * does no I/O.
 * Source: RFC 9112 sections 2.2, 4, 5.1, 5.2, 6.1, 6.3, 7.1 and 9.3
 */
export class ResponseReader {
  readonly #sink: ResponseSink;
  readonly #toHead: boolean;
  readonly #irregular = new Set<Irregularity>();
  #heads = new HeadBytes();
  #headBytesBefore = 0;
  #framing: Framing | null = null;
  #chunked: ChunkedReader | null = null;
  #left = 0;
  #state: 'reading' | 'complete' | ReadFault = 'reading';

  /** @param toHead whether the request was a HEAD, whose answer has no content */
  constructor(sink: ResponseSink, toHead: boolean) {
    this.#sink = sink;
    this.#toHead = toHead;
  }

  get state(): 'reading' | 'complete' | ReadFault {
    return this.#state;
  }

  /** Violations of HTTP that the reader tolerated. */
  get irregularities(): ReadonlySet<Irregularity> {
    return this.#irregular;
  }

  /** Reads the next bytes of the connection. Bytes after a complete answer are only counted as an irregularity. */
  push(bytes: Buffer): void {
    let rest = bytes;
    while (this.#state === 'reading' && this.#framing === null) {
      const behind = this.#readHead(rest);
      if (behind === null) return;
      rest = behind;
    }
    if (rest.length === 0) return;
    if (this.#state === 'reading') this.#readContent(rest);
    else if (this.#state === 'complete') this.#irregular.add('bytes_after_answer');
  }

  /** Reports that the connection has ended. */
  end(): void {
    if (this.#state !== 'reading') return;
    this.#state = this.#framing?.kind === 'until_close' ? 'complete' : 'closed';
  }

  /** The bytes after the head; null while the head is incomplete, or if it cannot be parsed. */
  #readHead(bytes: Buffer): Buffer | null {
    const found = this.#heads.add(bytes);
    if (this.#heads.skipped) this.#irregular.add('bytes_before_head');
    const size = this.#headBytesBefore + this.#heads.length;
    if (found === 'not_http') this.#state = 'not_http';
    else if (size > LIMITS.headBytes) this.#state = 'head_limit';
    if (found === null || found === 'not_http' || this.#state !== 'reading') return null;
    const parsed = parseHead(found.text, this.#irregular);
    if (typeof parsed === 'string') {
      this.#state = parsed;
      return null;
    }
    if (parsed.status < 200 && parsed.status !== 101) {
      this.#headBytesBefore = size;
      this.#heads = new HeadBytes();
    } else this.#headEnded(parsed);
    return found.behind;
  }

  #headEnded(parsed: ParsedHead): void {
    const framing = framingOf(parsed, this.#toHead, this.#irregular);
    if (typeof framing === 'string') {
      this.#state = framing;
      return;
    }
    this.#framing = framing;
    if (framing.kind === 'chunked') this.#chunked = new ChunkedReader(this.#sink, this.#irregular);
    if (framing.kind === 'length') this.#left = framing.bytes;
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)) this.#state = 'complete';
    this.#sink.head({ ...parsed, framing, persistent: persists(parsed, framing) });
  }

  #readContent(bytes: Buffer): void {
    let end = bytes.length;
    if (this.#chunked !== null) {
      end = this.#chunked.read(bytes, 0);
      this.#state = this.#chunked.state;
    } else if (this.#framing?.kind === 'length') {
      end = Math.min(bytes.length, this.#left);
      this.#left -= end;
      this.#sink.content(bytes, 0, end);
      if (this.#left === 0) this.#state = 'complete';
    } else this.#sink.content(bytes, 0, end);
    if (this.#state === 'complete' && end < bytes.length) this.#irregular.add('bytes_after_answer');
  }
}

function persists({ status, version, rawHeaders }: ParsedHead, { kind }: Framing): boolean {
  if (kind === 'until_close' || status === 101) return false;
  const options = headerListOf(rawHeaders, 'connection')?.toLowerCase().split(',') ?? [];
  const has = (name: string) => options.some((option) => option.trim() === name);
  if (has('close')) return false;
  return version !== '1.0' || (has('keep-alive') && headerListOf(rawHeaders, 'transfer-encoding') === undefined);
}
