import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { listen } from '../services/listening.ts';
import type { Listening, Service } from '../services/service.ts';
import { listenTls } from '../services/tls-front.ts';
import { DEFAULT_NAMES, presentedLeaf, tlsFacts } from '../services/tls-options.ts';
import type { Bomb } from './bomb.ts';
import { DNS_BOMBS } from './dns-bombs.ts';
import { ECHO_BOMBS } from './echo-bombs.ts';
import { HTTP_BOMBS } from './http-bombs.ts';
import { longChain, TLS_BOMBS } from './tls-bombs.ts';

/** All that a far end can do to a client that reads without bounds, by probe. */
export const BOMBS: readonly Bomb[] = [...HTTP_BOMBS, ...DNS_BOMBS, ...TLS_BOMBS, ...ECHO_BOMBS];

/** A service that sends more than a client should keep, decode or wait for. */
export interface BombConfig extends Listening {
  readonly kind: 'bomb';
  /** The name of one of the {@link BOMBS}. */
  readonly bomb: string;
}

export async function startBomb(config: BombConfig): Promise<Service> {
  const bomb = BOMBS.find(({ name }) => name === config.bomb);
  if (bomb === undefined) throw new RangeError(`there is no bomb ${config.bomb}`);
  bomb.prepare?.();
  const seen = () => [];
  const onConnection = (socket: Socket) => {
    socket.on('error', () => {});
    bomb.onConnection?.(socket);
  };
  if (bomb.transport === 'udp') return { ...(await bind(bomb, config)), seen };
  if (bomb.transport === 'tcp') {
    const { port, close } = await listen(createServer(onConnection), config);
    return { facts: { kind: 'bomb', port }, seen, close };
  }
  const leaf = presentedLeaf({}, DEFAULT_NAMES);
  const { keyPem, chainPem } = bomb.isLongChain === true ? longChain() : leaf;
  const alpn = bomb.alpn === undefined ? {} : { ALPNProtocols: [bomb.alpn] };
  const secure = createTlsServer({ key: keyPem, cert: chainPem, ...alpn }, onConnection);
  const { port, close } = await listenTls(secure, leaf, {}, config);
  return { facts: { kind: 'bomb', port, ...tlsFacts(leaf) }, seen, close };
}

async function bind({ onMessage }: Bomb, { host = '127.0.0.1', port = 0 }: Listening) {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  let open = true;
  socket.on('message', (message, from) =>
    onMessage?.(message, (bytes, sent) => {
      if (open) socket.send(bytes, from.port, from.address, (error) => (error === null ? sent() : undefined));
    }),
  );
  socket.bind({ address: host, port });
  await once(socket, 'listening');
  return {
    facts: { kind: 'bomb', port: socket.address().port },
    async close() {
      open = false;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
