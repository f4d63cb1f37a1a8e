import type { RunRecord } from '@netsonde/protocol';
import type { Result } from '@netsonde/protocol/api';
import type { Planner } from '../planning/planner.ts';
import type { Origin, StoredResult } from '../store/result-store.ts';
import { iso } from './instants.ts';

/** Converts a stored record to the API's form. null: its test is deleted. */
export function toResult(
  planner: Pick<Planner, 'directory' | 'agents'>,
  { agent, epoch, lacksDetail }: Origin & Pick<StoredResult, 'lacksDetail'>,
  record: RunRecord,
): Result | null {
  const { t: _, tag: _tag, at, ...rest } = record;
  const check = planner.directory.check(record.check);
  if (check === undefined) return null;
  return {
    ...rest,
    ...(lacksDetail === undefined ? {} : { lacksDetail }),
    at: iso(at),
    epoch,
    agent,
    agentName: planner.agents().get(agent)?.name ?? `agent ${agent}`,
    test: check.test,
    probe: check.probe,
    address: planner.directory.address(record.target) ?? '',
  };
}
