import { z } from 'zod';
import { caField, familyField, RESOLVE_SECONDS, serverNameField, timeoutField } from '../contract/common-options.ts';
import { declareProbe, type OptionsOf } from '../contract/descriptor.ts';
import { dnsMetrics } from './metrics.ts';
import { RCODE_NAMES } from './rcodes.ts';
import { resolverFault, TRANSPORTS } from './resolver-option.ts';

const QUERY_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'SOA', 'PTR', 'SRV', 'CAA'] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

/**
 * Longest query (a name of 255 bytes and an OPT record) and the largest answer over UDP that we accept, with headers.
 */
const UDP_BYTES = 300 + 48 + 1232 + 48;
/** An answer of the largest size, beside a handshake. */
const STREAM_BYTES = 65_535 + 8_192;

/** Packets of attempts to connect to a resolver's other addresses. */
const MOST_OTHER_ATTEMPTS = 6;

const options = z
  .strictObject({
    type: z.enum(QUERY_TYPES).default('A').meta({ label: 'Record type', description: 'Records to ask for' }),
    resolver: z.string().max(2048).default('').meta({
      label: 'Resolver',
      description:
        'Whom to ask: a host or address, with a port where it is not the usual one; an https URL for DNS over HTTPS; empty for the system’s own',
    }),
    transport: z
      .enum(TRANSPORTS)
      .default('udp')
      .meta({ label: 'Transport', description: 'How to ask: UDP, TCP, DNS over TLS (tls) or over HTTPS (https)' }),
    timeoutSeconds: timeoutField(2, 'Longest wait for an answer to one query, and for a connection'),
    attempts: z
      .int()
      .min(1)
      .max(5)
      .default(2)
      .meta({ label: 'Attempts', description: 'How often to ask over UDP, in all, while no answer comes' }),
    expectAnswers: z.array(z.string().min(1).max(1024)).max(32).default([]).meta({
      label: 'Expected answers',
      description: 'Each must be among the data of the answers, like 192.0.2.1 or 10 mail.example.org',
    }),
    expectRcode: z.enum(RCODE_NAMES).default('NOERROR').meta({
      label: 'Expected code',
      description: 'Response code that is right; NXDOMAIN where a name must not exist',
    }),
    dnssec: z.boolean().default(false).meta({
      label: 'DNSSEC',
      description: 'Whether to ask for signatures (DO), so that the resolver says whether it verified the answer',
    }),
    cacheQueries: z.int().min(0).max(20).default(0).meta({
      label: 'Cache queries',
      description:
        'Queries without recursion before the real one: they find only what is in the resolver’s cache; 0 for none',
      advanced: true,
    }),
    serverName: serverNameField(
      'Name that the resolver’s certificate must be for, over TLS and HTTPS; empty: the resolver’s own',
      { advanced: true },
    ),
    ca: caField(),
    verifyCertificate: z.boolean().default(true).meta({
      label: 'Verify certificate',
      description: 'Whether a resolver’s certificate that does not verify means down',
      advanced: true,
    }),
    family: familyField(),
  })
  .superRefine(({ resolver, transport }, context) => {
    const message = resolverFault(resolver, transport);
    if (message !== null) context.addIssue({ code: 'custom', path: ['resolver'], message });
  });

/** One question to a resolver, over UDP timed by the kernel. */
export const dns = declareProbe({
  id: 'dns',
  label: 'DNS',
  summary: 'Resolves a name through a resolver over UDP, TCP, TLS or HTTPS; checks code and answers, tells cache hits',
  target: { form: 'name' },
  options,
  metrics: dnsMetrics,
  samples: [],
  instance: null,
  needs: [],
  cost: ({ transport, attempts, cacheQueries, timeoutSeconds }) => {
    const sends = transport === 'udp' ? attempts : 1;
    // After a refusal of EDNS the probe asks again without it.
    const datagrams = transport === 'udp' ? 2 * sends + cacheQueries : 0;
    const waits = 2 * sends + cacheQueries + 2;
    return {
      // Ten for a connection and its end, with TLS; after a truncated answer UDP needs one too.
      packets: datagrams + 10 + (transport === 'udp' ? 0 : cacheQueries + 2 + MOST_OTHER_ATTEMPTS),
      bytes: datagrams * UDP_BYTES + STREAM_BYTES + (transport === 'udp' ? 0 : cacheQueries * 65_535),
      seconds: RESOLVE_SECONDS + waits * timeoutSeconds + 1,
      leastSeconds: 0,
      // The target is the queried name, so the time to find the resolver is always spent.
      resolvingSeconds: 0,
    };
  },
});

export type DnsOptions = OptionsOf<typeof dns>;
