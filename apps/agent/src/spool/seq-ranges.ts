/** Ranges of sequence numbers, first and last of each included. */
export type SeqRanges = readonly (readonly [number, number])[];
