import type { Runner } from './contract/runner.ts';
import { dnsRunner } from './dns/run.ts';
import { httpRunner } from './http/run.ts';
import { icmpRunner } from './icmp/run.ts';
import { ntpRunner } from './ntp/run.ts';
import type { ProbeId } from './registry.ts';
import { tcpRunner } from './tcp/run.ts';
import { tlsRunner } from './tls/run.ts';
import { udpRunner } from './udp/run.ts';

/** The runnable half of all probes; one that is missing does not compile. */
export const runners = {
  icmp: icmpRunner,
  tcp: tcpRunner,
  udp: udpRunner,
  ntp: ntpRunner,
  dns: dnsRunner,
  http: httpRunner,
  tls: tlsRunner,
} satisfies Record<ProbeId, Runner>;
