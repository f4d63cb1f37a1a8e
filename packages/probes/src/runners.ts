import type { Runner } from './contract/runner.ts';
import { icmpRunner } from './icmp/run.ts';
import { ntpRunner } from './ntp/run.ts';
import type { ProbeId } from './registry.ts';
import { tcpRunner } from './tcp/run.ts';
import { udpRunner } from './udp/run.ts';

/** The runnable half of all probes; one that is missing does not compile. */
export const runners = { icmp: icmpRunner, tcp: tcpRunner, udp: udpRunner, ntp: ntpRunner } satisfies Record<
  ProbeId,
  Runner
>;
