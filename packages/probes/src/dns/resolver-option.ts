import { parseTarget } from '../contract/parse-target.ts';
import { TargetError } from '../contract/target.ts';

export const TRANSPORTS = ['udp', 'tcp', 'tls', 'https'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Source: RFC 1035 section 4.2 (53), RFC 7858 section 3.1 (853). */
const DEFAULT_PORTS = { udp: 53, tcp: 53, tls: 853 } as const;

/** The resolver as the option specifies it; '' is the system's, which only the host knows. */
export interface NamedResolver {
  /** Host name or address literal. */
  readonly host: string;
  readonly port: number;
  /** Path and query of the URL, for DNS over HTTPS. */
  readonly path: string;
}

/**
 * Reads the resolver of an option or of the system's settings.
 * @throws TargetError that says what is wrong and what to write.
 */
export function parseResolver(text: string, transport: Transport): NamedResolver {
  if (transport === 'https') return parseUrl(text);
  if (text.includes('://'))
    throw new TargetError(`resolver is a URL, which only the transport https takes: write a host or host:port`);
  try {
    const { host, port } = parseTarget({ form: 'host[:port]', defaultPort: DEFAULT_PORTS[transport] }, text);
    return { host, port: port ?? DEFAULT_PORTS[transport], path: '' };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError(
      `resolver ${JSON.stringify(text)} is none (${error.message}): write a host, an address, host:port or [address]:port`,
    );
  }
}

function parseUrl(text: string): NamedResolver {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text))
    throw new TargetError('resolver must be an https URL for the transport https, like https://host/dns-query');
  const { host, port, url = text } = parseTarget({ form: 'url' }, text);
  const { pathname, search } = new URL(url);
  return { host, port: port ?? 443, path: `${pathname}${search}` };
}

/** The fault of a resolver text; null if there is none. '' means the system's, which has no URL. */
export function resolverFault(text: string, transport: Transport): string | null {
  if (text === '' && transport !== 'https') return null;
  try {
    parseResolver(text, transport);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
