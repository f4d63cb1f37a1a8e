import type { UdpSocket } from '@netsonde/sockets';
import type { RunContext } from '../contract/context.ts';
import { Inbox } from '../net/inbox.ts';
import { Patience } from '../net/patience.ts';
import { Collector } from './collector.ts';
import type { UdpOptions } from './descriptor.ts';
import type { UdpObservation } from './observation.ts';
import { payloadsOf } from './payload.ts';

/** How long a run listens for duplicates after the last answer. */
const LINGER_MS = 20;
/**
 * How long after the timeout the process still reads, so that an answer in time by the kernel's stamp is not missed.
 */
const GRACE_MS = 50;

/**
 * Sends the run's datagrams on schedule and yields the observations, until each is decided or timed out, or the run is
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
  const inbox = new Inbox<UdpObservation>(signal);
  socket.listen((event) => inbox.put(collector.take(event)));
  const startMs = clock.monotonicMs();
  for (let sequence = 0; sequence < count && !signal.aborted; sequence++) {
    const pauseMs = startMs + sequence * intervalSeconds * 1000 - clock.monotonicMs();
    if (pauseMs > 0) yield* inbox.during(pauseMs);
    if (!signal.aborted) collector.handedOver(sequence, socket.send(payloads.make(sequence), address, port));
  }
  const allDecided = () => collector.undecided.length === 0;
  const patience = new Patience(clock, timeoutSeconds * 1000 + GRACE_MS);
  const timeUp = yield* inbox.until(patience, allDecided);
  if (timeUp === null) yield* inbox.during(LINGER_MS);
  if (signal.aborted) yield { kind: 'stopped', undecided: collector.undecided };
  else if (patience.stalled) yield { kind: 'stalled' };
}
