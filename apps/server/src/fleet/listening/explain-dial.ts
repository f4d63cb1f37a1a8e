import type { AgentPlace } from './agent-place.ts';

/** Explains why an agent cannot be dialled, and what to do. */
export function explainDialError({ url }: AgentPlace, error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${url} (connection refused): start the agent there with --listen, or correct the address`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name in ${url} cannot be resolved (${code}): correct it, or fix this server's DNS`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to ${url} (${code}): check this server's network`;
    case 'ETIMEDOUT':
      return silent(url);
    case 'EPROTO':
      return `${url} does not speak TLS: write http://, or give the agent a certificate with --tls-cert and --tls-key`;
    case 'ECONNRESET':
      return url.startsWith('https:')
        ? `${url} closed the connection while TLS was being set up: write http:// if the agent has no certificate`
        : `${url} closed the connection while it was being opened: write https:// if the agent has a certificate`;
    case 'EGUARDED':
      return `${url} is not dialled: ${error.message}`;
    default:
      return /handshake has timed out/.test(error.message) ? silent(url) : `${url} cannot be reached: ${error.message}`;
  }
}

/** Explains an HTTP response to a session request, and what to do. */
export function explainStatus({ url }: AgentPlace, status: number): string {
  if (status === 404)
    return `what listens at ${url} does not wait for this server: start the agent there with --listen and a token of this server (netsonde token create --agent)`;
  return `${url} answers HTTP ${status}: that is no agent; correct the address`;
}

const silent = (url: string): string =>
  `${url} does not answer (timeout): check the address and the firewalls between here and there`;
