import { openSystemRunHost, type TargetPolicy } from '@netsonde/probes/runtime';

/** Whoever types the command owns this host and decides what it may measure. */
const OWNER_DECIDES: TargetPolicy = Object.freeze({ refusal: () => null });

/** What a single local run needs. The echo engine is opened when a probe asks for it. */
export async function openLocalRunHost(): ReturnType<typeof openSystemRunHost> {
  return openSystemRunHost(OWNER_DECIDES);
}
