/** Decides whether an address may be measured. The agent's owner sets it, never the server. */
export interface TargetPolicy {
  /** null: allowed. Otherwise one sentence that names the rule that refuses it. */
  refusal(address: string): string | null;
}
