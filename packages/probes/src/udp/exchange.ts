import type { UdpSocket } from '@netsonde/sockets';
import type { RunContext } from '../contract/context.ts';
import { Collector } from './collector.ts';
import type { UdpOptions } from './descriptor.ts';
import type { UdpObservation } from './observation.ts';
import { payloadsOf } from './payload.ts';

/** How long a run still listens for copies once everything is answered. */
const LINGER_MS = 20;
/** How much later than the timeout the process may look, so that what came in time by the kernel's stamp is not missed. */
const GRACE_MS = 50;

/**
 * Sends the run's datagrams at their times and yields what happens, until each is decided or timed out, or the run is
 * stopped.
 */
export async function* exchange(
  context: Pick<RunContext, 'clock' | 'signal' | 'random'>,
  socket: UdpSocket,
  { address, port }: { readonly address: string; readonly port: number },
  { count, intervalSeconds, timeoutSeconds, sizeBytes }: UdpOptions,
): AsyncGenerator<UdpObservation> {
  const { clock, signal } = context;
  const payloads = payloadsOf(sizeBytes, () => context.random());
  const collector = new Collector(payloads, address, port);
  const inbox = new Inbox(signal);
  socket.listen((event) => inbox.put(collector.take(event)));
  const startMs = clock.monotonicMs();
  let sent = 0;
  let untilMs = startMs;
  try {
    while (!signal.aborted) {
      for (; sent < count && clock.monotonicMs() >= startMs + sent * intervalSeconds * 1000; sent++) {
        collector.handedOver(sent, socket.send(payloads.make(sent), address, port));
        untilMs = clock.monotonicMs() + timeoutSeconds * 1000 + GRACE_MS;
      }
      yield* inbox.take();
      const nowMs = clock.monotonicMs();
      if (sent === count && collector.undecided.length === 0) untilMs = Math.min(untilMs, nowMs + LINGER_MS);
      if (sent === count && nowMs >= untilMs) return;
      await inbox.wait((sent < count ? startMs + sent * intervalSeconds * 1000 : untilMs) - nowMs);
    }
    yield* inbox.take();
    yield { kind: 'stopped', undecided: collector.undecided };
  } finally {
    inbox.close();
  }
}

/** Observations that wait for the run to fetch them. */
class Inbox {
  #waiting: UdpObservation[] = [];
  #wake: () => void = () => {};
  readonly #signal: AbortSignal;
  readonly #stop = (): void => this.#wake();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  put(observations: readonly UdpObservation[]): void {
    this.#waiting.push(...observations);
    this.#wake();
  }

  take(): readonly UdpObservation[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Until something comes, the run is stopped, or the time has passed. */
  async wait(ms: number): Promise<void> {
    if (this.#waiting.length > 0 || this.#signal.aborted || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#stop);
  }
}
