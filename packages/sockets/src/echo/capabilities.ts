import type { IpFamily } from '../kernel/ip-address.ts';
import { libc, whyNotSupported } from '../kernel/libc.ts';
import { openEchoSocket } from './open-echo-socket.ts';
import type { EchoCapabilities, EchoCapability } from './types.ts';

/** Tests what this process may send, by opening and closing a socket of each family. Sends nothing. */
export function echoCapabilities(): EchoCapabilities {
  const message = whyNotSupported();
  if (message !== undefined) {
    const absent: EchoCapability = { via: 'absent', reason: 'not_supported', message };
    return { ipv4: absent, ipv6: absent };
  }
  return { ipv4: capability(4), ipv6: capability(6) };
}

function capability(family: IpFamily): EchoCapability {
  const opened = openEchoSocket(family);
  if (opened.via === 'absent') return opened;
  libc().close(opened.fd);
  return { via: opened.via };
}
