import type { Socket } from 'node:net';
import { makeAuthority } from '../certificates/authority.ts';
import { type Bomb, flood, trickle } from './bomb.ts';

const TIMEOUT_SECONDS = 3;
/** Source: RFC 8446 section 5.1 (TLSPlaintext) */
const HANDSHAKE = 22;
const ALERT = 21;

const record = (type: number, payload: Buffer): Buffer => {
  const head = Buffer.from([type, 3, 3, 0, 0]);
  head.writeUInt16BE(payload.length, 3);
  return Buffer.concat([head, payload]);
};

/** A handshake message of this type that claims 16 MiB. */
const endlessMessage = (type: number): Buffer => record(HANDSHAKE, Buffer.from([type, 0xff, 0xff, 0xff]));
/** TLS 1.2, no session id, ECDHE-ECDSA-AES128-GCM-SHA256, no extensions. */
const serverHello = (): Buffer => {
  const body = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 7), Buffer.from([0, 0xc0, 0x2b, 0])]);
  return record(HANDSHAKE, Buffer.concat([Buffer.from([2, 0, 0, body.length]), body]));
};

/** Answers a ClientHello with `first`, then with as many of `piece` as the client reads. */
const after = (first: Buffer, piece: Buffer) => (socket: Socket) =>
  void socket
    .on('error', () => {})
    .once('data', () => {
      socket.write(first);
      flood(socket, () => piece);
    });

const filler = record(HANDSHAKE, Buffer.alloc(16_384));

const bombs: readonly Pick<Bomb, 'name' | 'verdict' | 'transport' | 'onConnection' | 'isLongChain'>[] = [
  {
    name: 'a certificate message of 16 MiB',
    transport: 'tcp',
    onConnection: after(Buffer.concat([serverHello(), endlessMessage(11)]), filler),
    verdict: 'down',
  },
  {
    name: 'a ServerHello of 16 MiB',
    transport: 'tcp',
    onConnection: after(endlessMessage(2), filler),
    verdict: 'unknown',
  },
  {
    name: 'records without content',
    transport: 'tcp',
    onConnection: after(Buffer.alloc(0), record(HANDSHAKE, Buffer.alloc(0))),
    verdict: 'down',
  },
  {
    name: 'warnings without end',
    transport: 'tcp',
    onConnection: after(Buffer.alloc(0), record(ALERT, Buffer.from([1, 112]))),
    verdict: 'down',
  },
  {
    name: 'a record of one byte in 50 ms',
    transport: 'tcp',
    onConnection: (socket) =>
      void socket.once('data', () => {
        socket.write(Buffer.from([HANDSHAKE, 3, 3, 0x40, 0]));
        trickle(socket, '\u0002', 50);
      }),
    verdict: 'down',
  },
  {
    name: 'data without end behind the handshake',
    transport: 'tls',
    onConnection: (socket) => {
      const piece = Buffer.alloc(64 * 1024);
      flood(socket, () => piece);
    },
    verdict: 'up',
  },
  { name: 'a chain of 100 KB', transport: 'tls', isLongChain: true, onConnection: () => {}, verdict: 'down' },
];

/** What a server can send in or behind a handshake. Its own certificate is the service's. */
export const TLS_BOMBS: readonly Bomb[] = bombs.map((bomb) => ({
  ...bomb,
  probe: 'tls',
  options: { timeoutSeconds: TIMEOUT_SECONDS },
}));

/** OpenSSL reads certificate messages up to this size, bytes. */
const MOST_CHAIN_BYTES = 100 * 1024;

/** A server's certificate, and as many intermediates of one name as a client reads, none of which issued it. */
export function longChain(): { readonly keyPem: string; readonly chainPem: string } {
  const { keyPem, chainPem } = makeAuthority().issue({ sendIntermediate: false });
  const pems = [chainPem];
  for (let bytes = derBytes(chainPem); ; ) {
    const { intermediatePem } = makeAuthority();
    bytes += derBytes(intermediatePem);
    if (bytes > MOST_CHAIN_BYTES) return { keyPem, chainPem: pems.join('') };
    pems.push(intermediatePem);
  }
}

/** Bytes of a certificate within the message, with its length and the extensions of TLS 1.3. */
const derBytes = (pem: string): number => (pem.length * 3) / 4 + 5;
