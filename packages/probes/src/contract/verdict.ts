/** A run's verdict on its target. `unknown`: the agent could not decide, and it never counts as downtime. */
export const VERDICTS = ['up', 'degraded', 'down', 'unknown'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why a verdict is not `up`: the closed list. */
export const CAUSES = [
  'timeout',
  'refused',
  'unreachable',
  'reset',
  'closed_early',
  'nxdomain',
  'no_address',
  'no_data',
  'servfail',
  'resolver_failed',
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_untrusted',
  'name_mismatch',
  'client_certificate_required',
  'tls_failed',
  'protocol_violation',
  'payload_mismatch',
  'payload_truncated',
  'unexpected_status',
  'redirect_loop',
  'unexpected_content',
  'unexpected_answer',
  'loss',
  'threshold_exceeded',
  'not_synchronised',
  'kiss_rate',
  'kiss_deny',
  'permission',
  'policy',
  'unsupported',
  'local_resource',
  'local_network',
  'clock_stepped',
  'cancelled',
  'internal',
] as const;
export type Cause = (typeof CAUSES)[number];

/** On whose side the cause lies. `agent` and `resolver` never make a target `down`. */
export const SIDES = ['target', 'path', 'resolver', 'agent'] as const;
export type Side = (typeof SIDES)[number];

/** Why a metric has no value. */
export const ABSENCE_REASONS = [
  'not_permitted',
  'not_supported',
  'no_device',
  'tool_missing',
  'no_responder',
  'not_offered_by_target',
  'not_requested',
  'not_applicable',
  'timed_out',
  'run_failed',
  'stalled',
] as const;
export type AbsenceReason = (typeof ABSENCE_REASONS)[number];
