import type { Catalog } from './contract/descriptor.ts';
import { dns } from './dns/descriptor.ts';
import { http } from './http/descriptor.ts';
import { icmp } from './icmp/descriptor.ts';
import { ntp } from './ntp/descriptor.ts';
import { tcp } from './tcp/descriptor.ts';
import { tls } from './tls/descriptor.ts';
import { udp } from './udp/descriptor.ts';

/** All probes, declared. To add one: its folder, a line here, and a line in runners.ts. */
export const catalog = { icmp, tcp, udp, ntp, dns, http, tls } satisfies Catalog;

export type ProbeId = keyof typeof catalog;
