import { MAX_FIELD } from './index-entry.ts';

/** How long the cursors of a check that is no longer assigned are kept, in case it is assigned again, ms. */
const KEPT_MS = 7 * 86_400_000;
/** Most cursors of checks that are not assigned. */
export const MOST_UNASSIGNED = 100_000;

/** Up to which scheduled instant (epoch ms, included) the runs of each (check, target) are accounted for. */
export class Cursors {
  readonly #byCheck = new Map<number, Map<number, number>>();

  get(check: number, target: number): number | undefined {
    return this.#byCheck.get(check)?.get(target);
  }

  /** Moves a cursor forward; ignores an earlier instant. */
  advance(check: number, target: number, to: number): void {
    let targets = this.#byCheck.get(check);
    if (targets === undefined) {
      targets = new Map();
      this.#byCheck.set(check, targets);
    }
    const known = targets.get(target);
    if (known === undefined || known < to) targets.set(target, to);
  }

  /**
   * Drops cursors of checks that are not assigned: those a week older than the newest instant of all, and the oldest
   * of those beyond {@link MOST_UNASSIGNED}. Any server can assign ever new checks.
   */
  prune(assigned: ReadonlySet<number>): void {
    const others: { readonly check: number; readonly last: number; readonly count: number }[] = [];
    let newest = 0;
    for (const [check, targets] of this.#byCheck) {
      let last = 0;
      for (const to of targets.values()) last = Math.max(last, to);
      newest = Math.max(newest, last);
      if (!assigned.has(check)) others.push({ check, last, count: targets.size });
    }
    let count = 0;
    for (const other of others.sort((a, b) => b.last - a.last)) {
      count += other.count;
      if (other.last < newest - KEPT_MS || count > MOST_UNASSIGNED) this.#byCheck.delete(other.check);
    }
  }

  *[Symbol.iterator](): Generator<readonly [check: number, target: number, to: number]> {
    for (const [check, targets] of this.#byCheck) for (const [target, to] of targets) yield [check, target, to];
  }

  /** 16 bytes per cursor. Ids that have no room in them are left out: no record of them is written either. */
  encode(): Buffer {
    const all = [...this].filter(([check, target]) => check <= MAX_FIELD && target <= MAX_FIELD);
    const bytes = Buffer.alloc(all.length * 16);
    all.forEach(([check, target, to], i) => {
      bytes.writeUInt32LE(check, i * 16);
      bytes.writeUInt32LE(target, i * 16 + 4);
      bytes.writeDoubleLE(to, i * 16 + 8);
    });
    return bytes;
  }

  static decode(bytes: Buffer | null): Cursors {
    const cursors = new Cursors();
    for (let at = 0; bytes !== null && at + 16 <= bytes.length; at += 16)
      cursors.advance(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), bytes.readDoubleLE(at + 8));
    return cursors;
  }
}
