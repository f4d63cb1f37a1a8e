import { closeSync, openSync, writeSync } from 'node:fs';
import { encodeRecord, RECORD_BYTES, type RecordFacts } from '../network/truth-record.ts';
import type { PacketIdentity } from './packet.ts';

const CHUNK_RECORDS = 512;

/**
 * The emulator's log: fixed-size records appended to a file in chunks, up to a limit. It counts records beyond the
 * limit.
 */
export class TruthLog {
  readonly #fd: number;
  readonly #limit: number;
  readonly #chunk = Buffer.alloc(CHUNK_RECORDS * RECORD_BYTES);
  #inChunk = 0;
  #kept = 0;
  #dropped = 0;

  constructor(file: string, limit: number) {
    this.#fd = openSync(file, 'a');
    this.#limit = limit;
  }

  /** Records beyond the limit. */
  get dropped(): number {
    return this.#dropped;
  }

  add(identity: PacketIdentity, facts: RecordFacts): void {
    if (this.#kept >= this.#limit) {
      this.#dropped++;
      return;
    }
    this.#kept++;
    encodeRecord(this.#chunk, this.#inChunk * RECORD_BYTES, identity, facts);
    if (++this.#inChunk === CHUNK_RECORDS) this.flush();
  }

  flush(): void {
    writeSync(this.#fd, this.#chunk, 0, this.#inChunk * RECORD_BYTES);
    this.#inChunk = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.#fd);
  }
}
