import type { Catalog } from './contract/descriptor.ts';
import { icmp } from './icmp/descriptor.ts';

/** All probes, declared. To add one: its folder, a line here, and a line in runners.ts. */
export const catalog = { icmp } satisfies Catalog;

export type ProbeId = keyof typeof catalog;
