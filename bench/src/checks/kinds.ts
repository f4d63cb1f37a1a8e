import type { ServiceConfig } from '@netsonde/lab';

/** One kind of check, as both programs are asked for it. */
export interface Kind {
  readonly probe: string;
  /** Options of our probe. */
  readonly options: Readonly<Record<string, string | number>>;
  /** Our target with this number. */
  readonly ours: (index: number) => string;
  /** The peer's target with this number; its module is called like our probe. */
  readonly theirs: (index: number) => string;
  /** Our CPU over the peer's, at most; absent: no goal is set. */
  readonly goal?: number;
}

const name = (index: number) => `n${index}.bench.test`;

/** The servers that both ask for so many targets; those that are distinguished by address listen on all of loopback's. */
export function servicesFor(targets: number): readonly ServiceConfig[] {
  const entry = { records: [{ type: 'A', ttl: 60, data: '192.0.2.1' }] } as const;
  const zone = Object.fromEntries(Array.from({ length: targets }, (_, index) => [name(index), entry]));
  return [
    { kind: 'http', host: '0.0.0.0' },
    { kind: 'tcp_echo', host: '0.0.0.0' },
    { kind: 'dns', zone },
  ];
}

/** An address of loopback of its own for each target. */
const address = (index: number) => `127.8.${index >> 8}.${index & 255}`;

/** The kinds against the services at these ports. One echo, one connection, one request, one question a check. */
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

/** The peer's modules that ask for the same. */
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
