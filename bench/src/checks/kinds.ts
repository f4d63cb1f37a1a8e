import type { ServiceConfig } from '@netsonde/lab';

/** One kind of check, in the form that each program needs. */
export interface Kind {
  readonly probe: string;
  /** Options of our probe. */
  readonly options: Readonly<Record<string, string | number>>;
  /** Our target with this index. */
  readonly ours: (index: number) => string;
  /** The peer's target with this index. Its module has the name of our probe. */
  readonly theirs: (index: number) => string;
  /** Maximum ratio of our CPU to the peer's; absent: there is no goal. */
  readonly goal?: number;
}

const name = (index: number) => `n${index}.bench.test`;

/** The servers that both programs check. Those that are distinguished by address listen on all loopback addresses. */
export function servicesFor(targets: number): readonly ServiceConfig[] {
  const entry = { records: [{ type: 'A', ttl: 60, data: '192.0.2.1' }] } as const;
  const zone = Object.fromEntries(Array.from({ length: targets }, (_, index) => [name(index), entry]));
  return [
    { kind: 'http', host: '0.0.0.0' },
    { kind: 'tcp_echo', host: '0.0.0.0' },
    { kind: 'dns', zone },
  ];
}

/** One loopback address for each target. */
const address = (index: number) => `127.8.${index >> 8}.${index & 255}`;

/** The kinds for the services at these ports. A check is one echo, one connection, one request or one query. */
export function kindsAt([http = 0, tcp = 0, dns = 0]: readonly number[]): readonly Kind[] {
  const url = (index: number) => `http://${address(index)}:${http}/`;
  const endpoint = (index: number) => `${address(index)}:${tcp}`;
  return [
    { probe: 'http', options: {}, ours: url, theirs: url, goal: 0.5 },
    { probe: 'tcp', options: {}, ours: endpoint, theirs: endpoint, goal: 0.33 },
    {
      probe: 'dns',
      options: { resolver: `127.0.0.1:${dns}` },
      ours: name,
      theirs: () => `127.0.0.1:${dns}`,
      goal: 0.2,
    },
    { probe: 'icmp', options: { count: 1 }, ours: address, theirs: address },
  ];
}

/** The peer's modules for the same checks. */
export const MODULES = {
  http: { prober: 'http', timeout: '5s', http: { preferred_ip_protocol: 'ip4' } },
  tcp: { prober: 'tcp', timeout: '5s', tcp: { preferred_ip_protocol: 'ip4' } },
  dns: {
    prober: 'dns',
    timeout: '5s',
    dns: { query_name: name(0), query_type: 'A', transport_protocol: 'udp', preferred_ip_protocol: 'ip4' },
  },
  icmp: { prober: 'icmp', timeout: '5s', icmp: { preferred_ip_protocol: 'ip4' } },
};
