import type { Runner } from './contract/runner.ts';
import { icmpRunner } from './icmp/run.ts';
import type { ProbeId } from './registry.ts';

/** The runnable half of all probes; one that is missing does not compile. */
export const runners = { icmp: icmpRunner } satisfies Record<ProbeId, Runner>;
