import type { AgentRecord } from '@netsonde/protocol';

type WithoutSeq<R> = R extends AgentRecord ? Omit<R, 'seq'> : never;

/** The scheduled runs that a record accounts for. */
export interface RecordSpan {
  /** First and last scheduled instant, epoch ms. */
  readonly from: number;
  readonly to: number;
  /** 0 for a run that repeats an instant. That instant is accounted for already, so losing the record loses no run. */
  readonly count: number;
}

export function spanOf(record: WithoutSeq<AgentRecord>): RecordSpan {
  if (record.t === 'missed') return record;
  const { at, flags } = record;
  return { from: at, to: at, count: flags?.includes('repeated') ? 0 : 1 };
}
