import type { ApiParts } from './parts.ts';

/** Revokes an agent: refuses its key from now on and ends its assignment. Its results stay. */
export async function revokeAgent(
  { fleet, planner, audit }: Pick<ApiParts, 'fleet' | 'planner' | 'audit'>,
  id: number,
  by: { readonly actor: string; readonly detail?: string },
): Promise<void> {
  await fleet.revoke(id);
  planner.agentChanged({ id, revoked: true });
  await planner.settled();
  await audit({ ...by, action: 'agent.revoke', subject: `agent ${id}` });
}
