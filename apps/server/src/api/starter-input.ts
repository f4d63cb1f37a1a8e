import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Catalog, ProbeDescriptor } from '@netsonde/probes/catalog';
import type { AgentSelection } from '@netsonde/protocol/api';
import { testInputFor, type ValidTest } from '../planning/test-input.ts';

/** Probes for a server's own health page, if the catalog has them. */
const STARTER_PROBES = ['icmp', 'tcp', 'http'];
const DESCRIPTION = 'Loopback, and the server’s own health page. Edit or delete it as you like.';
const NOT_VERIFIED =
  'The server’s certificate is not verified here: it is for other names, or its authority is not in the file beside it.';

/** A server's own health page, as seen from its host. */
export interface HealthPage {
  readonly url: string;
  /** The server's certificate chain, PEM. null: no TLS. */
  readonly certificate: string | null;
}

/** The starter test. null: the catalog has no probe for it. */
export function starterInput(catalog: Catalog, page: HealthPage, agents: AgentSelection): ValidTest | null {
  const probes = STARTER_PROBES.flatMap((id) => catalog[id] ?? []);
  if (probes.length === 0) return null;
  const { address, options, description } = wayTo(page);
  return testInputFor(catalog).parse({
    name: 'This host',
    description,
    targets: [{ address }],
    checks: probes.map((probe) => ({ probe: probe.id, options: optionsFor(probe, options) })),
    agents,
    interval: 5,
    duration: null,
  });
}

/** Keeps only the options that a probe has. */
function optionsFor({ options }: ProbeDescriptor, wanted: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => name in options.shape));
}

interface Way {
  readonly address: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly description: string;
}

/**
 * Uses an address or name that the certificate is valid for, and trusts its own chain. A name that needs a remote DNS
 * query is never used, since no traffic may leave the host before a user configures it.
 */
function wayTo({ url, certificate }: HealthPage): Way {
  if (certificate === null) return { address: url, options: {}, description: DESCRIPTION };
  const { hostname } = new URL(url);
  const address = hostname.replace(/^\[|\]$/g, '');
  const [leaf, root] = endsOf(certificate);
  if (leaf !== undefined && root !== undefined && vouchesForItself(root)) {
    const options = { ca: certificate };
    if (leaf.checkIP(address) !== undefined || leaf.checkHost(address) !== undefined)
      return { address: url, options, description: DESCRIPTION };
    if (isLoopback(address) && leaf.checkHost('localhost') !== undefined)
      return {
        address: url.replace(hostname, 'localhost'),
        options: { ...options, family: isIP(address) === 6 ? '6' : '4' },
        description: DESCRIPTION,
      };
  }
  return { address: url, options: { verifyCertificate: false }, description: `${DESCRIPTION} ${NOT_VERIFIED}` };
}

/** First and last certificate of a chain: the server's own, and the one that must be self-signed. */
function endsOf(pem: string): readonly [X509Certificate?, X509Certificate?] {
  const chain = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const [first] = chain;
  const last = chain.at(-1);
  return first === undefined || last === undefined ? [] : [new X509Certificate(first), new X509Certificate(last)];
}

const vouchesForItself = (certificate: X509Certificate): boolean =>
  certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey);

const isLoopback = (address: string): boolean => address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
