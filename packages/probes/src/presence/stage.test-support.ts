import {
  type Host,
  LAB_ADDRESSES,
  type Lab,
  type LabOptions,
  openLab,
  type Path,
  type Service,
  type ServiceConfig,
  startService,
} from '@netsonde/lab';
import { faultsOf } from '../contract/conformance.ts';
import type { Outcome } from '../contract/outcome.ts';
import { catalog, type ProbeId } from '../registry.ts';
import { runInHost, watchedInHost } from '../run/run-in-host.test-support.ts';
import { runProbe } from '../run/run-probe.test-support.ts';
import { runners } from '../runners.ts';

type Options = Readonly<Record<string, unknown>>;

/** A service in this process, on loopback. */
export type Served = Service & { readonly at: string; readonly ca: string };

/** Newer kernels send the first SYNs again each second; all labs are to double each wait, as older ones do. */
const DOUBLE_EACH_WAIT = 'setting=/proc/sys/net/ipv4/tcp_syn_linear_timeouts; [ ! -e $setting ] || echo 0 > $setting';

const MOST_LABS = 4;

interface InNewLab {
  readonly targetOf: (lab: Lab) => string;
  readonly hostOf?: (lab: Lab) => Pick<Host, 'exec'>;
  readonly optionsOf?: (lab: Lab) => Options;
}

/** Where truths are set and probes run; ends all that it started. */
export class Stage {
  readonly #closing: (() => Promise<unknown>)[] = [];

  async serve(config: ServiceConfig): Promise<Served> {
    const service = await startService(config);
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => (closed ??= service.close());
    this.#closing.push(close);
    return { ...service, close, at: `127.0.0.1:${service.facts.port}`, ca: service.facts.rootPem ?? '' };
  }

  /** A lab of the truth's own, so that nothing set in it has to be put back. */
  async openLab(options: LabOptions): Promise<Lab> {
    const lab = await openLab(options);
    this.#closing.push(() => lab.close());
    await lab.measuring.exec('sh', ['-c', DOUBLE_EACH_WAIT]);
    return lab;
  }

  /** Runs a probe in this process. */
  async run(probe: ProbeId, target: string, options: Options = {}): Promise<Outcome> {
    const { outcome } = await runProbe(catalog[probe], runners[probe], target, options);
    return conforming(probe, outcome);
  }

  /** Runs a probe on a host of a lab. */
  async runOn(host: Pick<Host, 'exec'>, probe: ProbeId, target: string, options: Options = {}): Promise<Outcome> {
    const { outcome } = await runInHost(host, probe, target, options);
    return conforming(probe, outcome);
  }

  /**
   * Runs a probe once on the measuring host of a lab that `open` makes. A run whose process was stalled is repeated in
   * a lab of its own, since what a path does to its first packets it does once.
   */
  async runInNewLab(
    open: () => Promise<Lab>,
    probe: ProbeId,
    { targetOf, hostOf = ({ measuring }) => measuring, optionsOf = () => ({}) }: InNewLab,
  ): Promise<Outcome> {
    for (let left = MOST_LABS - 1; ; left -= 1) {
      const lab = await open();
      const { result } = await watchedInHost(hostOf(lab), probe, targetOf(lab), optionsOf(lab));
      if (result.stalledMs === 0 || left === 0) return conforming(probe, result.outcome);
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }
}

function conforming(probe: ProbeId, outcome: Outcome): Outcome {
  const faults = faultsOf(catalog[probe], outcome);
  if (faults.length > 0) throw new Error(`the run of ${probe} breaks its descriptor: ${faults.join('; ')}`);
  return outcome;
}

/** The first of a lab's services, as targets name it. */
export const firstService = (lab: Lab): string => `${LAB_ADDRESSES.services4}:${lab.running.facts[0]?.port}`;

/** A path that loses the first two SYNs to the services. */
export const losingTwoSyns: Path = {
  forward: {
    script: [
      { protocol: 'tcp', packet: 0, fate: 'lose' },
      { protocol: 'tcp', packet: 1, fate: 'lose' },
    ],
  },
};
/** A first SYN is sent again after 1 s, and once more after another 2 s; the kernel's ticks may be a little early. */
export const TWO_SYNS_AGAIN_MS = 2980;

/** A path that takes this long there and back, ms. */
export const roundTripOf = (ms: number) => ({ forward: { delayMs: ms / 2 }, backward: { delayMs: ms / 2 } });
