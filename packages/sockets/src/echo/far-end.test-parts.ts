import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { run } from '../test-support.test-namespace.ts';
import { openTun, type Tun } from '../tun/tun.ts';
import type { EchoRequest, EchoTrain } from './types.ts';

const INDEX = new URL('../../dist/index.js', import.meta.url).href;
const HEADER = 20;

/** The far end of a TUN device in this suite's namespace: hands each IPv4 echo that arrives to `onEcho`. */
export interface FarEnd {
  readonly address: string;
  onEcho: (packet: Buffer) => void;
  /** Answers these echoes now, one after another. */
  answer(packets: readonly Buffer[]): void;
  close(): void;
}

/** Opens the device `far`, with a queue of `queue` unread packets. */
export function openFarEnd(queue: number): FarEnd {
  const tun: Tun = openTun('far');
  run('ip address add 10.8.0.1/24 dev far');
  run(`ip link set far txqueuelen ${queue}`);
  run('ip link set far up');
  const buffer = Buffer.alloc(2048);
  const far: FarEnd = {
    address: '10.8.0.2',
    onEcho: () => undefined,
    answer(packets) {
      for (const packet of packets) {
        const reply = replyTo(packet);
        tun.write(reply, reply.length);
      }
    },
    close() {
      clearInterval(timer);
      tun.close();
    },
  };
  const timer = setInterval(() => {
    for (let length = tun.read(buffer); length !== 'again'; length = tun.read(buffer))
      if (buffer.readUInt8(0) >> 4 === 4 && buffer.readUInt8(9) === 1)
        far.onEcho(Buffer.from(buffer.subarray(0, length)));
  }, 1);
  return far;
}

/** The same packet from its target to its sender as an answer: only the type changes, and so the checksum (RFC 1624). */
function replyTo(packet: Buffer): Buffer {
  const reply = Buffer.from(packet);
  packet.copy(reply, 12, 16, 20);
  packet.copy(reply, 16, 12, 16);
  reply.writeUInt8(0, HEADER);
  const sum = packet.readUInt16BE(HEADER + 2) + 0x0800;
  reply.writeUInt16BE((sum & 0xffff) + (sum >>> 16), HEADER + 2);
  return reply;
}

/** Another process, which opens an engine and runs one train. */
export interface TrainProcess {
  readonly child: ChildProcess;
  /** The train that it ran. Rejects with what it wrote to its standard error if it failed. */
  readonly train: Promise<EchoTrain>;
}

/** Starts it from the last build, in this suite's namespace. */
export function startTrain(
  request: EchoRequest,
  options: { readonly uid?: number; readonly gid?: number; readonly env?: NodeJS.ProcessEnv } = {},
): TrainProcess {
  const program = `
    const { openEchoEngine } = await import(${JSON.stringify(INDEX)});
    const engine = await openEchoEngine();
    const train = await engine.train(${JSON.stringify(request)});
    await engine.close();
    console.log(JSON.stringify({ ...train, rttsNs: [...train.rttsNs] }));
  `;
  const args = ['--input-type=module', '-e', program];
  const child = spawn(process.execPath, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const train = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`the train's process ended with ${code}: ${Buffer.concat(err).toString()}`);
    const printed = JSON.parse(Buffer.concat(out).toString());
    return {
      ...printed,
      rttsNs: Float64Array.from(printed.rttsNs, (rtt: number | null) => rtt ?? Number.NaN),
    } as EchoTrain;
  });
  return { child, train };
}
