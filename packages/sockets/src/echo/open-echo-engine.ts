import { Worker } from 'node:worker_threads';
import { ThreadLink } from '../kernel/thread-link.ts';
import { echoCapabilities } from './capabilities.ts';
import { measureStackNs, stackTrain } from './error-bound.ts';
import { trainOf } from './outcomes.ts';
import { checkRequest } from './requests.ts';
import { TrainsInFlight } from './trains-in-flight.ts';
import type { EchoCapabilities, EchoControl, EchoRequest, EchoTrain } from './types.ts';

/** Sends ICMP echoes to any number of targets from one thread. */
export interface EchoEngine {
  /**
   * Runs one train. Trains submitted in the same turn of the event loop cross to the thread in one message.
   * A network failure is part of the result, never an exception.
   * @throws RangeError for a request that cannot be meant, naming the field
   */
  train(request: EchoRequest, control?: EchoControl): Promise<EchoTrain>;
  /** Runs many trains at once; results in the order of the requests. */
  trains(requests: readonly EchoRequest[], control?: Pick<EchoControl, 'signal'>): Promise<EchoTrain[]>;
  /** What this host can send, as tried when the engine was opened. */
  capabilities(): EchoCapabilities;
  /** Ends the thread; trains under way end as cancelled. */
  close(): Promise<void>;
}

/**
 * Opens the engine: one thread, which sleeps while no train runs and then does not keep the process alive.
 * The first thing it sends is a short train to this host itself, to know the share of the host's own stack.
 * @throws NotSupportedError on other platforms than 64-bit Linux (use the ping command there)
 */
export async function openEchoEngine(): Promise<EchoEngine> {
  const link = await ThreadLink.open(
    (options) => new Worker(new URL('./engine-thread.js', import.meta.url), { name: 'echo', ...options }),
  );
  const capabilities = echoCapabilities();
  const flights = new TrainsInFlight(link);

  const run = async (request: EchoRequest, control: EchoControl, stack: Promise<number | undefined>) => {
    const checked = checkRequest(request);
    const outcome = await flights.submit(checked, control);
    const capability = checked.address.family === 4 ? capabilities.ipv4 : capabilities.ipv6;
    return trainOf(outcome, checked, { capability, stackNs: await stack });
  };
  const unknown = Promise.resolve(undefined);
  const stack = measureStackNs((address) => run({ ...stackTrain, address }, {}, unknown)).catch(() => undefined);

  return Object.freeze({
    train: (request: EchoRequest, control: EchoControl = {}) => run(request, control, stack),
    trains: (requests: readonly EchoRequest[], control: Pick<EchoControl, 'signal'> = {}) =>
      Promise.all(requests.map((request) => run(request, control, stack))),
    capabilities: () => capabilities,
    close: () => flights.close(),
  });
}
