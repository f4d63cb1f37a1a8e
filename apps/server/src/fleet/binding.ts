import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { TLS_BINDING_LABEL } from '@netsonde/protocol';

/** The TLS exporter's value of a connection, hex; '' without TLS. Source: RFC 5705. */
export function bindingOf({ socket }: { readonly socket: Duplex }): string {
  if (!(socket instanceof TLSSocket)) return '';
  return socket.exportKeyingMaterial(32, TLS_BINDING_LABEL, Buffer.alloc(0)).toString('hex');
}
