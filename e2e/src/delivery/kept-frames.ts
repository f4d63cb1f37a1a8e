import { RangeSet } from '@netsonde/metrics';
import { agentMessageSchema, type Drop, type MissedRecord, type RunRecord } from '@netsonde/protocol';

interface Origin {
  readonly agent: number;
  readonly epoch: number;
}

interface Intake {
  readonly origin: Origin;
  readonly frame: Uint8Array;
}

interface Report {
  readonly origin: Origin;
  readonly stored: [number, number][];
  readonly refused: never[];
  readonly alsoRefused: never[];
  readonly refusedCount: number;
  readonly results: RunRecord[];
  readonly resultCount: number;
  readonly missed: never[];
}

/** What a server has received from its agents: each record once, identified by (epoch, seq). */
export class KeptFrames {
  readonly runs: (RunRecord & { readonly epoch: number })[] = [];
  readonly missed: (MissedRecord & { readonly epoch: number })[] = [];
  readonly drops: (Drop & { readonly epoch: number })[] = [];
  readonly kinds = { live: 0, backlog: 0 };
  duplicates = 0;
  /** Makes intake fail, or wait, while it is set. */
  hold: Promise<void> | null = null;
  readonly #settled = new Map<number, RangeSet>();

  async ingest({ origin, frame }: Intake): Promise<Report> {
    await this.hold;
    const message = agentMessageSchema.parse(JSON.parse(Buffer.from(frame).toString('utf8')));
    const stored: [number, number][] = [];
    const results: RunRecord[] = [];
    const settled = this.#of(origin.epoch);
    if (message.type === 'records') {
      this.kinds[message.kind] += message.items.length;
      for (const item of message.items) {
        stored.push([item.seq, item.seq]);
        if (settled.add(item.seq) === 0) this.duplicates += 1;
        else if (item.t === 'run') {
          this.runs.push({ ...item, epoch: origin.epoch });
          results.push(item);
        } else this.missed.push({ ...item, epoch: origin.epoch });
      }
    } else if (message.type === 'drops') {
      for (const drop of message.drops) {
        stored.push([drop.fromSeq, drop.toSeq]);
        if (settled.add(drop.fromSeq, drop.toSeq) === 0) this.duplicates += 1;
        else this.drops.push({ ...drop, epoch: origin.epoch });
      }
    }
    return {
      origin,
      stored,
      refused: [],
      alsoRefused: [],
      refusedCount: 0,
      results,
      resultCount: results.length,
      missed: [],
    };
  }

  async received(_agent: number) {
    return [...this.#settled].map(([epoch, ranges]) => ({ epoch, ranges: ranges.toJSON() }));
  }

  #of(epoch: number): RangeSet {
    let ranges = this.#settled.get(epoch);
    if (ranges === undefined) {
      ranges = new RangeSet();
      this.#settled.set(epoch, ranges);
    }
    return ranges;
  }
}
