import type { ApiParts } from './parts.ts';

/** Refuses an agent's key from now on and takes its work away; its results stay. */
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
