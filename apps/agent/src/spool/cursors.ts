import { MAX_FIELD } from './index-entry.ts';

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

  /** Drops the cursors of checks that are not in `keep` and whose last instant is before `olderThanMs`. */
  prune(keep: ReadonlySet<number>, olderThanMs: number): void {
    for (const [check, targets] of this.#byCheck)
      if (!keep.has(check) && Math.max(...targets.values()) < olderThanMs) this.#byCheck.delete(check);
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
