import { createServer, type TLSSocket } from 'node:tls';
import { newLedger } from './ledger.ts';
import type { Listening, Service } from './service.ts';
import { listenTls } from './tls-front.ts';
import { DEFAULT_NAMES, presentedLeaf, type TlsSettings, tlsFacts, tlsServerOptions } from './tls-options.ts';

/** A plain TLS server that echoes what it receives. */
export interface TlsConfig extends Listening, TlsSettings {
  readonly kind: 'tls';
}

/** One completed handshake. */
export interface TlsSeen {
  readonly atMs: number;
  readonly protocol: string | null;
  readonly cipher: string;
  readonly serverName: string | undefined;
}

export async function startTls(config: TlsConfig): Promise<Service> {
  const ledger = newLedger<TlsSeen>();
  const leaf = presentedLeaf(config, DEFAULT_NAMES);
  const secure = createServer(tlsServerOptions(config, leaf), (socket: TLSSocket) => {
    const serverName = (socket as TLSSocket & { servername?: string | false }).servername;
    ledger.add({
      atMs: Date.now(),
      protocol: socket.getProtocol(),
      cipher: socket.getCipher().name,
      serverName: serverName || undefined,
    });
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  const { port, close } = await listenTls(secure, leaf, config, config);
  return { facts: { kind: 'tls', port, ...tlsFacts(leaf) }, seen: ledger.entries, close };
}
