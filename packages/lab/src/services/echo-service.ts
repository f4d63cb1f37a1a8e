import { createServer, type Socket } from 'node:net';
import { newLedger, pause } from './ledger.ts';
import { bindDatagrams, listen } from './listening.ts';
import type { Listening, Service } from './service.ts';

/** An echo service. For TCP a message is a chunk as it arrives; for UDP a datagram. The first message is number 1. */
export interface EchoConfig extends Listening {
  readonly kind: 'tcp_echo' | 'udp_echo';
  /** Waits before each answer, ms. */
  readonly delayMs?: number;
  /** Answers each n-th message with its last byte flipped. */
  readonly corruptEvery?: number;
  /** Does not answer each n-th message. */
  readonly dropEvery?: number;
  /** Answers each n-th message twice (UDP only). */
  readonly duplicateEvery?: number;
}

/** Record of one message at an echo service. */
export interface EchoSeen {
  readonly atMs: number;
  readonly bytes: number;
  readonly answers: number;
  readonly corrupted: boolean;
}

export async function startEcho(config: EchoConfig): Promise<Service> {
  const ledger = newLedger<EchoSeen>();
  let count = 0;
  const every = (n: number | undefined): boolean => n !== undefined && count % n === 0;
  const answersTo = (message: Buffer): { answers: number; payload: Buffer } => {
    count++;
    const answers = every(config.dropEvery) ? 0 : every(config.duplicateEvery) ? 2 : 1;
    const corrupted = every(config.corruptEvery);
    ledger.add({ atMs: Date.now(), bytes: message.length, answers, corrupted });
    return { answers, payload: corrupted ? corrupt(message) : message };
  };
  return config.kind === 'tcp_echo'
    ? startTcp(config, answersTo, ledger.entries)
    : startUdp(config, answersTo, ledger.entries);
}

type AnswersTo = (message: Buffer) => { answers: number; payload: Buffer };

async function startTcp(config: EchoConfig, answersTo: AnswersTo, seen: Service['seen']): Promise<Service> {
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    socket.on('data', async (message: Buffer) => {
      const { answers, payload } = answersTo(message);
      if (config.delayMs !== undefined) await pause(config.delayMs);
      if (answers > 0 && socket.writable) socket.write(payload);
    });
  });
  const { port, close } = await listen(server, config);
  return { facts: { kind: config.kind, port }, seen, close };
}

async function startUdp(config: EchoConfig, answersTo: AnswersTo, seen: Service['seen']): Promise<Service> {
  const { port, close } = await bindDatagrams(config, async (message, answer) => {
    const { answers, payload } = answersTo(message);
    if (config.delayMs !== undefined) await pause(config.delayMs);
    for (let sent = 0; sent < answers; sent++) answer(payload);
  });
  return { facts: { kind: config.kind, port }, seen, close };
}

function corrupt(message: Buffer): Buffer {
  const copy = Buffer.from(message);
  if (copy.length > 0) copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 0xff;
  return copy;
}
