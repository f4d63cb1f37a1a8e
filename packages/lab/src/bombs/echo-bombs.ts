import { type Bomb, flood, MIB, trickle } from './bomb.ts';

const TIMEOUT_SECONDS = 2;
const FLOOD_MS = 3000;

/** Answers a message with datagrams of this size for a while, as fast as it can. */
const floodOf =
  (size: number): NonNullable<Bomb['onMessage']> =>
  (message, send) => {
    const bytes = Buffer.alloc(size);
    message.copy(bytes);
    const endMs = Date.now() + FLOOD_MS;
    const next = () => {
      if (Date.now() < endMs) send(bytes, () => setImmediate(next));
    };
    next();
  };

/** What the far end of an exchange of bytes or packets can send. */
export const ECHO_BOMBS: readonly Bomb[] = [
  {
    name: 'bytes without end instead of an echo',
    transport: 'tcp',
    probe: 'tcp',
    options: { echo: 'text', timeoutSeconds: TIMEOUT_SECONDS },
    verdict: 'degraded',
    onConnection: (socket) => {
      const piece = Buffer.alloc(MIB, 97);
      flood(socket, () => piece);
    },
  },
  {
    name: 'an echo of one byte in 100 ms',
    transport: 'tcp',
    probe: 'tcp',
    options: { echo: 'text', send: 'n'.repeat(4096), timeoutSeconds: TIMEOUT_SECONDS },
    verdict: 'down',
    onConnection: (socket) => trickle(socket, 'n', 100),
  },
  {
    name: 'datagrams of 60,000 bytes without end',
    transport: 'udp',
    probe: 'udp',
    options: { count: 3, sizeBytes: 64, timeoutSeconds: TIMEOUT_SECONDS },
    verdict: 'degraded',
    onMessage: floodOf(60_000),
  },
  {
    name: 'answers without end to a query for the time',
    transport: 'udp',
    probe: 'ntp',
    options: { count: 2, timeoutSeconds: TIMEOUT_SECONDS },
    verdict: 'down',
    onMessage: floodOf(60_000),
  },
];
