import { availableParallelism } from 'node:os';
import { echoCapabilities } from './capabilities.ts';
import { measureStackNs, stackTrain } from './error-bound.ts';
import { Lanes } from './lanes.ts';
import { trainOf } from './outcomes.ts';
import { checkRequest } from './requests.ts';
import { TrainsInFlight } from './trains-in-flight.ts';
import type { EchoCapabilities, EchoControl, EchoRequest, EchoTrain } from './types.ts';

/** Most threads of an engine: the caller's single thread must also process the results of a burst. */
const MOST_THREADS = 4;
/** A thread started for a burst outlives it by this time, in milliseconds, since bursts repeat. */
const IDLE_MS = 30_000;

/** Sends ICMP echoes to any number of targets from one thread; during bursts from several. */
export interface EchoEngine {
  /**
   * Runs one train. Trains submitted in the same turn of the event loop cross to a thread in one message. A network
   * failure is part of the result, never an exception.
   * @throws RangeError for an invalid request, naming the field
   */
  train(request: EchoRequest, control?: EchoControl): Promise<EchoTrain>;
  /** Runs many trains at once; results in the order of the requests. */
  trains(requests: readonly EchoRequest[], control?: Pick<EchoControl, 'signal'>): Promise<EchoTrain[]>;
  /** What this host can send, as tried when the engine was opened. */
  capabilities(): EchoCapabilities;
  /** Ends the threads; running trains end as cancelled. */
  close(): Promise<void>;
}

/**
 * Opens the engine: one thread, which sleeps while no train runs and then does not keep the process alive. Bursts of
 * many trains start further ones, as many as there are processors and four at most, which end when the bursts have. It
 * first sends a short train to this host itself, to measure the share of the host's own stack.
 * @throws NotSupportedError on other platforms than 64-bit Linux (use the ping command there)
 */
export async function openEchoEngine(): Promise<EchoEngine> {
  const most = Math.min(MOST_THREADS, availableParallelism());
  const lanes = new Lanes(await TrainsInFlight.open(), { open: () => TrainsInFlight.open(), most, idleMs: IDLE_MS });
  const capabilities = echoCapabilities();

  const run = async (request: EchoRequest, control: EchoControl, stack: Promise<number | undefined>) => {
    const checked = checkRequest(request);
    const outcome = await lanes.submit(checked, control);
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
    close: () => lanes.close(),
  });
}
