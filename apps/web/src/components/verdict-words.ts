import type { AbsenceReason, Cause, Side, Verdict } from '@netsonde/probes/catalog';
import type { DropReason, MissedReason, RefusedReason, RunFlag } from '@netsonde/protocol';
import type { DATED_AHEAD, NOT_HEARD, SeriesVerdict } from '@netsonde/protocol/api';

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
};

/** Verdicts of series: some have no result yet. */
export const SERIES_VERDICT_WORDS: Readonly<Record<SeriesVerdict, string>> = {
  ...VERDICT_WORDS,
  waiting: 'Waiting for its first result',
};

/** Causes in plain words. */
const CAUSE_WORDS: Readonly<Record<Cause | (typeof NOT_HEARD)['cause'] | (typeof DATED_AHEAD)['cause'], string>> = {
  timeout: 'no answer in time',
  refused: 'connection refused',
  unreachable: 'not reachable',
  reset: 'connection reset',
  closed_early: 'connection closed early',
  nxdomain: 'the name does not exist',
  no_address: 'the name has no address of that kind',
  no_data: 'the name exists, but has no record of that type',
  servfail: 'the name server failed',
  resolver_failed: "the agent's resolver failed",
  certificate_expired: 'certificate has expired',
  certificate_not_yet_valid: 'certificate is not yet valid',
  certificate_untrusted: 'certificate is not trusted',
  name_mismatch: 'certificate is for another name',
  client_certificate_required: 'the server wants a client certificate',
  tls_failed: 'TLS failed',
  protocol_violation: 'the answer broke the protocol',
  payload_mismatch: 'the answer is not what was sent',
  payload_truncated: 'the answer is shorter than what was sent',
  unexpected_status: 'unexpected status',
  redirect_loop: 'redirect loop',
  unexpected_content: 'unexpected content',
  unexpected_answer: 'unexpected answer',
  loss: 'some packets were lost',
  threshold_exceeded: 'an expectation was not met',
  not_synchronised: 'the clock is not synchronised',
  kiss_rate: 'the server asked to be asked less often',
  kiss_deny: 'the server asked not to be asked any more',
  permission: 'the agent lacks a permission',
  policy: "refused by the agent's policy",
  unsupported: "not supported on the agent's host",
  local_resource: 'the agent ran out of a resource',
  local_network: "the agent's own network failed",
  clock_stepped: "the agent's clock was set during the run",
  cancelled: 'the run was cancelled',
  internal: 'a fault in the agent',
  not_heard: 'nothing was heard from the agent',
  dated_ahead: "the agent's clock was ahead",
};

const SIDE_WORDS: Readonly<Record<Side, string>> = {
  target: 'at the target',
  path: 'on the path',
  resolver: 'at the resolver',
  agent: 'at the agent',
};

const ABSENCE_WORDS: Readonly<Record<AbsenceReason, string>> = {
  not_permitted: 'the agent lacks the permission to measure it',
  not_supported: "the agent's system does not offer it",
  no_device: 'there is no such device',
  tool_missing: 'a program that it needs is missing on the agent',
  no_responder: 'nothing answers at the far end',
  not_offered_by_target: 'the target does not offer it',
  not_requested: 'the options do not ask for it',
  not_applicable: 'it has no meaning for this run',
  timed_out: 'no answer arrived in time',
  run_failed: 'the run failed before it could be measured',
  stalled: 'the agent was suspended or too busy, which may have falsified it',
};

const MISSED_WORDS: Readonly<Record<MissedReason, string>> = {
  agent_off: 'agent was off',
  not_assigned_yet: 'agent did not know of the test yet',
  killed_mid_run: 'agent was killed during the run',
  overlap: 'the run before was still going',
  slot_busy: 'slot was busy',
  late: 'the agent was too busy to begin in time',
  cancelled: 'cancelled',
  policy: "refused by the agent's policy",
  clock_stepped: 'clock was set',
  budget: "over the agent's data budget",
};

const DROP_WORDS: Readonly<Record<DropReason, string>> = {
  disk_full: 'disk full',
  spool_bytes: 'spool over its size limit',
  spool_age: 'spool over its age limit',
  torn: 'torn by a crash',
  corrupt: 'damaged on disk',
  unwritable: 'not writable to the spool',
};

const REFUSED_WORDS: Readonly<Record<RefusedReason, string>> = {
  malformed: 'malformed',
  not_planned: "not in the agent's plan",
  ended: 'after the end of the test on the agent',
  future: 'in the future',
  deleted: 'of a deleted test or check',
  unplanned_full: 'of an unknown check, with no space left for them',
};

const FLAG_WORDS: Readonly<Record<RunFlag, string>> = {
  loop_delayed: 'the agent was busy while it measured',
  started_late: 'started late',
  clock_stepped: 'the clock was set during the run',
  stalled: 'the agent was suspended or too busy during the run',
  repeated: 'the clock was set back: this instant was measured before',
  clock_unsure: "nobody had confirmed the agent's clock: the time is an estimate",
};

const WHY_WORDS = { ...REFUSED_WORDS, ...DROP_WORDS, ...MISSED_WORDS, ...CAUSE_WORDS };

/** The words for a code of a closed list. A code that is newer than this page is shown unchanged. */
const words =
  <Code extends string>(table: Readonly<Record<Code, string>>) =>
  (code: string): string =>
    Object.hasOwn(table, code) ? table[code as Code] : code.replaceAll('_', ' ');

export const causeWords = words(CAUSE_WORDS);
export const sideWords = words(SIDE_WORDS);
export const absenceWords = words(ABSENCE_WORDS);
export const missedWords = words(MISSED_WORDS);
export const dropWords = words(DROP_WORDS);
export const refusedWords = words(REFUSED_WORDS);
export const flagWords = words(FLAG_WORDS);

/** Why a series has no verdict from a result: also a reason for which its runs were missed, dropped or refused. */
export const whyWords = words<keyof typeof WHY_WORDS>(WHY_WORDS);
