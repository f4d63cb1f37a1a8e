/**
 * Why the server keeps a record out of the results for good. `malformed`: a field is wrong. `not_planned`: the plan never
 * gave this check and target to this agent at that instant. `ended`: it did, and the instant is after the end. `future`:
 * the instant is after the present of both clocks. `deleted`: the test was deleted. `unplanned_full`: the plan does not
 * know the check, and the agent's space for such records is used up.
 */
export const REFUSED_REASONS = ['malformed', 'not_planned', 'ended', 'future', 'deleted', 'unplanned_full'] as const;
export type RefusedReason = (typeof REFUSED_REASONS)[number];
