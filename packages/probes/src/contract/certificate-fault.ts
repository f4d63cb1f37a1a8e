import type { NetworkFault } from './network-error.ts';
import { failureAt, silenceOf } from './network-error.ts';
import type { Cause } from './verdict.ts';

/** The cause for OpenSSL's or Node's code of a failed certificate check (`CERT_HAS_EXPIRED`). */
export function certificateCause(code: string): Cause {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'certificate_expired';
    case 'CERT_NOT_YET_VALID':
      return 'certificate_not_yet_valid';
    case 'HOSTNAME_MISMATCH':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'name_mismatch';
    default:
      return 'certificate_untrusted';
  }
}

/** Cause, side and evidence of a handshake that failed on a connection to an address, from its code (see `Secured`). */
export function handshakeFault(code: string, address: string): NetworkFault {
  if (code === 'timeout') return silenceOf(address, true);
  if (code === 'closed') return { cause: 'closed_early', side: 'target' };
  if (code === 'EPROTO') return { cause: 'tls_failed', side: 'target' };
  return failureAt(address, code);
}
