import { dnsTruths } from '../dns/presence.test-support.ts';
import { httpTruths } from '../http/presence.test-support.ts';
import { icmpTruths } from '../icmp/presence.test-support.ts';
import { ntpTruths } from '../ntp/presence.test-support.ts';
import type { ProbeId } from '../registry.ts';
import { tcpTruths } from '../tcp/presence.test-support.ts';
import { tlsTruths } from '../tls/presence.test-support.ts';
import { udpTruths } from '../udp/presence.test-support.ts';
import type { Truth } from './truth.test-support.ts';

/** The truths of all probes; a probe without any does not compile. */
export const truths: Readonly<Record<ProbeId, readonly Truth[]>> = {
  icmp: icmpTruths,
  tcp: tcpTruths,
  udp: udpTruths,
  ntp: ntpTruths,
  dns: dnsTruths,
  http: httpTruths,
  tls: tlsTruths,
};
