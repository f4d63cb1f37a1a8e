/** The grid of a series, as a record carries it while the agent's clock is not anchored. */
export interface RecordGrid {
  readonly intervalMs: number;
  readonly phaseMs: number;
}

/** By how much the instants of a record have to move. */
export interface Redating {
  readonly shiftMs: number;
  /** Whether the shift is an estimate: the record is flagged. */
  readonly unsure: boolean;
}

/** What a record says of time. */
interface Dated {
  readonly t: string;
  readonly at?: number | undefined;
  readonly late?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly flags?: readonly string[] | undefined;
}

/**
 * Moves a record's instants by what the clock was off, to the last instant of its grid at or before. So records of one
 * series keep different instants. What is left over is the lateness of a run. The grid is left out of what is returned.
 */
export function redate<R extends Dated>(record: R & { readonly grid?: RecordGrid }, redating: Redating): R {
  const { grid, ...rest } = record;
  return (grid === undefined ? rest : { ...rest, ...moved(record, grid, redating) }) as unknown as R;
}

function moved({ t, at, late = 0, from, to, flags = [] }: Dated, grid: RecordGrid, redating: Redating): Partial<Dated> {
  const { shiftMs, unsure } = redating;
  if (t === 'missed' && from !== undefined && to !== undefined) {
    const first = instantBefore(grid, from + shiftMs);
    return { from: first, to: first + to - from };
  }
  if (at === undefined) return {};
  const placed = instantBefore(grid, at + shiftMs);
  return {
    at: placed,
    late: late + at + shiftMs - placed,
    ...(unsure ? { flags: [...flags, 'clock_unsure'] } : {}),
  };
}

/** {@link redate} for a record as JSON. One without a grid stays as it is. */
export function redatedJson(json: string, redating: Redating): string {
  return json.includes('"grid":{') ? JSON.stringify(redate(JSON.parse(json), redating)) : json;
}

/** The last instant of a grid at or before `ms`, not before 1970. */
export function instantBefore({ intervalMs, phaseMs }: RecordGrid, ms: number): number {
  return Math.max(phaseMs, Math.floor((ms - phaseMs) / intervalMs) * intervalMs + phaseMs);
}
