import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import { afterEach } from 'vitest';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Answers a query; bytes are sent as they are, a list one after the other. */
export type Script = (
  query: DecodedPacket,
  transport: 'udp' | 'tcp',
) => Packet | Buffer | readonly Buffer[] | undefined;

/** A resolver on loopback, over UDP and TCP on one port, that answers by the script; it ends with the test. */
export async function scriptedResolver(script: Script): Promise<string> {
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const answer of answersOf(chunk.subarray(2), script, 'tcp')) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([length, answer]));
      }
    });
  });
  const udp = await onOnePort(tcp);
  udp.on('message', (bytes, { port, address }) => {
    for (const answer of answersOf(bytes, script, 'udp')) udp.send(answer, port, address);
  });
  closing.push(
    () => udp.close(),
    () => tcp.close(),
  );
  return `127.0.0.1:${(tcp.address() as AddressInfo).port}`;
}

/** Listens on a free port of TCP that is free for UDP too, and returns the UDP socket there. */
async function onOnePort(tcp: Server): Promise<Socket> {
  for (let left = 20; ; left -= 1) {
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const udp = createSocket('udp4');
    try {
      udp.bind((tcp.address() as AddressInfo).port, '127.0.0.1');
      await once(udp, 'listening');
      return udp;
    } catch (error) {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
      if (left === 0) throw error;
    }
  }
}

function answersOf(bytes: Buffer, script: Script, transport: 'udp' | 'tcp'): readonly Buffer[] {
  const query = decode(bytes);
  const answer = script(query, transport);
  if (answer === undefined) return [];
  if (Buffer.isBuffer(answer)) return [answer];
  if (Array.isArray(answer)) return answer;
  return [encode({ type: 'response', id: query.id ?? 0, questions: query.questions ?? [], ...(answer as Packet) })];
}

/** Whether a query carries an OPT record. */
export const hasEdns = (query: DecodedPacket): boolean => (query.additionals ?? []).some(({ type }) => type === 'OPT');
