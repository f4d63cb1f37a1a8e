import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Host } from '@netsonde/lab';

/** A frame that passed the device. */
export interface StampedFrame {
  /** The kernel's stamp, ns since the capture's own start. */
  readonly atNs: number;
  readonly bytes: Buffer;
}

/** A running capture that wakes no process while it runs. */
export interface QuietCapture {
  /** Ends the capture and returns its frames, in order. */
  stop(): Promise<StampedFrame[]>;
}

const PROGRAM = fileURLToPath(new URL('./capture-main.js', import.meta.url));

/** Captures on a host's device; returns once it listens. Needs root. */
export async function startQuietCapture(host: Host, device: string): Promise<QuietCapture> {
  const child = host.spawn(process.execPath, [PROGRAM, device], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the capture has no pipes');
  const closed = once(child, 'close');
  let said = '';
  stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await Promise.race([once(stdout, 'data'), closed]);
  if (!said.startsWith('ready\n')) throw new Error(`the capture on ${device} of ${host.name} did not start`);
  return {
    async stop() {
      stdin.end();
      await closed;
      const frames = JSON.parse(said.slice('ready\n'.length)) as [number, string][];
      return frames.map(([atNs, bytes]) => ({ atNs, bytes: Buffer.from(bytes, 'base64') }));
    },
  };
}
