import type { ServerUrl } from './server-url.ts';

/** What to do about a failed connection. */
export function explainDialError({ text, encrypted }: ServerUrl, error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${text} (connection refused): start the server there, or correct --server`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name in ${text} cannot be resolved (${code}): check --server and this host's DNS`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to ${text} (${code}): check this host's network`;
    case 'ETIMEDOUT':
      return `${text} does not answer (timeout): check the address and the firewalls between here and there`;
    case 'EPROTO':
      return `${text} does not speak TLS: write http:// in --server, or give the server a certificate`;
    case 'ECONNRESET':
      return encrypted
        ? `${text} closed the connection while TLS was being set up: write http:// in --server if it does not speak TLS`
        : `${text} closed the connection while it was being opened: write https:// in --server if it speaks TLS`;
    default:
      break;
  }
  if (code.includes('CERT') || code.includes('SELF_SIGNED') || code.startsWith('ERR_TLS') || code.includes('VERIFY'))
    return `the certificate of ${text} ${certificateFault(code)}, or leave --ca out to rely on the pinned server key`;
  if (/handshake has timed out/.test(error.message))
    return `${text} does not answer (timeout): check the address and the firewalls between here and there`;
  return `${text} cannot be reached: ${error.message}`;
}

function certificateFault(code: string): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'has expired: renew it';
    case 'CERT_NOT_YET_VALID':
      return 'is not valid yet: set the clocks of both hosts';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'is for another name: write a name that it is for in --server';
    default:
      return `is not accepted (${code}): give its authority with --ca`;
  }
}

/** What to do about an HTTP answer to a request for a session. */
export function explainStatus({ text }: ServerUrl, status: number): string {
  if (status === 404 || (status >= 200 && status < 400))
    return `${text} answers (HTTP ${status}), but not as a Netsonde server: check host, port and base path in --server`;
  if (status === 502 || status === 503 || status === 504)
    return `${text} answers HTTP ${status}: the server behind it is not running, or is just starting`;
  return `${text} refuses the session (HTTP ${status}): check --server and any proxy in between`;
}
