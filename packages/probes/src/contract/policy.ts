/** Answers whether an address may be measured; the agent's owner decides, never the server. */
export interface TargetPolicy {
  /** null: allowed. Otherwise one sentence that says which rule refuses it. */
  refusal(address: string): string | null;
}
