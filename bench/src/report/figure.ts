/** One figure of a benchmark: the median of its rounds, with the peer's from the same rounds. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly unit: string;
  /** One value per round, in the order of measurement. */
  readonly rounds: readonly number[];
  /** Another program that did the same work in the same rounds. */
  readonly peer?: { readonly name: string; readonly rounds: readonly number[] };
  /** Conditions that a reader of the figure must know. */
  readonly note?: string;
}

/** The median; of an even number the mean of the two in the middle. @throws RangeError for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no values, no median');
  return (lower + upper) / 2;
}

/** Prints a figure as one JSON line on stdout. */
export function printFigure({ bench, figure, unit, rounds, peer, note }: Figure): void {
  const line = {
    bench,
    figure,
    unit,
    value: rounded(median(rounds)),
    ...(peer === undefined
      ? {}
      : {
          peer: peer.name,
          peer_value: rounded(median(peer.rounds)),
          ratio: rounded(median(ratios(rounds, peer.rounds))),
        }),
    rounds: rounds.map(rounded),
    ...(peer === undefined ? {} : { peer_rounds: peer.rounds.map(rounded) }),
    ...(note === undefined ? {} : { note }),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The ratio of ours to the peer's, round by round: it stays valid when the machine's speed drifts. */
const ratios = (ours: readonly number[], peers: readonly number[]): number[] =>
  ours.flatMap((value, round) => (peers[round] === undefined ? [] : [value / peers[round]]));

const rounded = (value: number): number => Number(value.toPrecision(4));
