import { once } from 'node:events';
import type { Host } from '../namespaces/host.ts';
import { type CapturedPacket, readPcap } from './pcap.ts';

/** A running capture on a host's device. */
export interface Capture {
  /** Ends the capture. Its packets are in the order of their stamps. @throws Error when the kernel dropped any of them. */
  stop(): Promise<CapturedPacket[]>;
  /** Ends it unless it has ended, and discards its packets. */
  close(): Promise<void>;
}

/**
 * Bytes that are kept of a packet. The kernel reserves this much space for each until tcpdump has read it: whole
 * packets of any size would leave space for 64 of them.
 */
const SNAPSHOT_BYTES = '4096';

/**
 * Captures with `tcpdump` (Debian package tcpdump) and the kernel's nanosecond stamps; returns once it captures. Needs
 * root: in a user namespace tcpdump cannot drop its privileges, and ends. `filter` is a pcap filter, for example `icmp
 * or icmp6`.
 */
export async function startCapture(host: Host, device: string, filter = ''): Promise<Capture> {
  const flags = ['-i', device, '-w', '-', '-U', '-n', '-s', SNAPSHOT_BYTES, '-B', '16384', '-Z', 'root'];
  const precise = ['--immediate-mode', '--time-stamp-precision=nano'];
  const child = host.spawn('tcpdump', [...flags, ...precise, ...filter.split(' ').filter(Boolean)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('listening on')) resolve();
    });
    closed.then(
      () =>
        reject(
          new Error(`tcpdump does not run on ${host.name} (it needs root and the package tcpdump): ${said.trim()}`),
        ),
      reject,
    );
  });
  const close = async (): Promise<void> => {
    child.kill('SIGINT');
    await closed;
  };
  return {
    close,
    async stop() {
      // Packets that the kernel has stamped reach tcpdump within this time.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await close();
      const dropped = Number(/(\d+) packets dropped by kernel/.exec(said)?.[1] ?? 0);
      if (dropped > 0) throw new Error(`The capture on ${host.name} lost ${dropped} packets`);
      // Of two packets that two processors stamp at once, the later stamp may be written first.
      return readPcap(Buffer.concat(chunks)).toSorted((left, right) =>
        left.atNs < right.atNs ? -1 : Number(left.atNs > right.atNs),
      );
    },
  };
}
