import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEVICE, type EmulatorConfig, type EmulatorReply, type EmulatorRequest } from '../emulator/messages.ts';
import { seedFrom } from '../emulator/random.ts';
import { builtFile } from '../namespaces/built-file.ts';
import { type Host, makeHost } from '../namespaces/host.ts';
import { lineProcess } from '../namespaces/line-process.ts';
import { requireNamespaces, requireTun } from '../namespaces/preconditions.ts';
import type { ServiceConfig } from '../services/config.ts';
import { LAB_ADDRESSES, targetAddresses } from './addresses.ts';
import { type Capture, startCapture } from './capture.ts';
import { checkPath, type Path } from './path.ts';
import { type RunningServices, startServicesOn } from './services-host.ts';
import { readTruth } from './truth.ts';
import type { TruthRecord } from './truth-record.ts';

export interface LabOptions {
  /** The generator's seed. The same seed repeats the fate of the n-th packet of a conversation. 1 when absent. */
  readonly seed?: number | string;
  readonly path?: Path;
  /** Services to start on the services host; more can be started later. */
  readonly services?: readonly ServiceConfig[];
  /** MTU of both hosts' devices, bytes; 1500 when absent. */
  readonly deviceMtu?: number;
  /** Maximum number of records in the log; 2,000,000 when absent. */
  readonly logLimit?: number;
}

/** Two hosts, the path between them, and a true record of each packet on it. */
export interface Lab {
  /** Where probes run. */
  readonly measuring: Host;
  /** Where services run. */
  readonly services: Host & { readonly address4: string; readonly address6: string };
  /** The services of `options.services`, in that order. */
  readonly running: RunningServices;
  /** Starts more services on the services host. */
  startServices(configs: readonly ServiceConfig[]): Promise<RunningServices>;
  /** The first `count` addresses of a network whose every address answers on the services host. */
  targets(count: number, version?: 4 | 6): string[];
  /** Changes the path for packets read from now on. */
  setPath(path: Path): Promise<void>;
  /** Waits until no packet is under way, at most `timeoutMs` (5,000 when absent). @throws Error when some still are. */
  settle(timeoutMs?: number): Promise<void>;
  /**
   * The records of all packets so far, in the order in which their fates were decided. @throws Error when the log's
   * limit was reached.
   */
  truth(): Promise<TruthRecord[]>;
  /**
   * Captures at the measuring host's device. The log's times are those of a process, which a busy machine may delay
   * while it handles a packet. These are the kernel's.
   * @param filter a pcap filter, for example `icmp or icmp6`
   */
  capture(filter: string): Promise<Capture>;
  /** Packets that the hosts' devices dropped before the lab saw them: 0 unless the emulator could not keep up. */
  deviceDrops(): Promise<number>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a lab. Needs root, or user namespaces and /dev/net/tun open to all. @throws Error that names what is missing
 * @throws RangeError that names a path's invalid field
 */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const path = options.path ?? {};
  checkPath(path);
  requireTun();
  const privilege = requireNamespaces();
  const cleanups: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), 'netsonde-lab-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const measuring = await makeHost('measuring', privilege);
    cleanups.push(() => measuring.keeper.close());
    const far = await makeHost('services', privilege, measuring.host);
    cleanups.push(() => far.keeper.close());
    const logFile = join(folder, 'truth.bin');
    const config: EmulatorConfig = {
      seed: seedFrom(options.seed ?? 1),
      path,
      servicesPid: far.host.pid,
      logFile,
      logLimit: options.logLimit ?? 2_000_000,
    };
    const child = startEmulator(measuring.host, config);
    const emulator = await lineProcess<RequestBody, EmulatorReply>('the emulator', child);
    cleanups.push(() => emulator.close());
    if (privilege === 'root') await giveRealTime(measuring.host, child);
    await connectHosts(measuring.host, far.host, options.deviceMtu ?? 1500);
    const services = { ...far.host, address4: LAB_ADDRESSES.services4, address6: LAB_ADDRESSES.services6 };
    const startServices = async (configs: readonly ServiceConfig[]): Promise<RunningServices> => {
      const running = await startServicesOn(far.host, configs);
      cleanups.push(() => running.close());
      return running;
    };
    return {
      measuring: measuring.host,
      services,
      running: await startServices(options.services ?? []),
      startServices,
      targets: targetAddresses,
      async setPath(next) {
        checkPath(next);
        await emulator.ask({ kind: 'set_path', path: next });
      },
      settle: (timeoutMs = 5000) => settle(() => emulator.ask({ kind: 'flush' }), timeoutMs),
      async truth() {
        const { recordsDropped } = await emulator.ask({ kind: 'flush' });
        if (recordsDropped > 0)
          throw new Error(`The lab's log is full, ${recordsDropped} records are missing: raise logLimit`);
        return readTruth(logFile);
      },
      async capture(filter) {
        const capture = await startCapture(measuring.host, DEVICE, filter);
        cleanups.push(() => capture.close());
        return capture;
      },
      deviceDrops: async () => (await dropsOf(measuring.host)) + (await dropsOf(far.host)),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function startEmulator(host: Host, config: EmulatorConfig): ChildProcess {
  const args = ['--max-semi-space-size=64', builtFile('emulator/main.js'), JSON.stringify(config)];
  return host.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
}

/**
 * Moves a process that has started to the real-time scheduler, so that other work on this machine does not delay its
 * packets. Only then: its start should not delay other work.
 */
async function giveRealTime(host: Host, { pid }: ChildProcess): Promise<void> {
  const { code, stderr } = await host.exec('chrt', ['--fifo', '--all-tasks', '--pid', '1', String(pid)]);
  if (code !== 0) throw new Error(`The emulator cannot be given the real-time scheduler: ${stderr.trim()}`);
}

type RequestBody = EmulatorRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

async function settle(ask: () => Promise<EmulatorReply>, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const { waiting } = await ask();
    if (waiting === 0) return;
    if (performance.now() > until) throw new Error(`${waiting} packets are still under way after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function connectHosts(measuring: Host, services: Host, mtu: number): Promise<void> {
  const up = [`link set ${DEVICE} mtu ${mtu} txqueuelen 20000`, `link set ${DEVICE} up`];
  const a = LAB_ADDRESSES;
  await measuring.ip([
    ...up,
    `address add ${a.measuring4}/32 dev ${DEVICE}`,
    `address add ${a.measuring6}/128 dev ${DEVICE} nodad`,
    `route add default dev ${DEVICE} src ${a.measuring4}`,
    `route add ::/0 dev ${DEVICE} src ${a.measuring6}`,
  ]);
  await services.ip([
    ...up,
    `address add ${a.services4}/32 dev ${DEVICE}`,
    `address add ${a.services6}/128 dev ${DEVICE} nodad`,
    `route add ${a.measuringNetwork4} dev ${DEVICE} src ${a.services4}`,
    `route add ${a.measuringNetwork6} dev ${DEVICE} src ${a.services6}`,
    'route add unreachable default',
    'route add unreachable ::/0',
    `route add local ${a.targets4} dev lo`,
    `route add local ${a.targets6} dev lo`,
    `route add blackhole ${a.blackHole4}`,
    `route add blackhole ${a.blackHole6}`,
    `route add unreachable ${a.unreachable4}`,
    `route add unreachable ${a.unreachable6}`,
    `route add prohibit ${a.prohibited4}`,
    `route add prohibit ${a.prohibited6}`,
  ]);
  const switches = ['ipv4.ip_forward', 'ipv6.conf.all.forwarding', 'ipv4.ip_nonlocal_bind', 'ipv6.ip_nonlocal_bind'];
  for (const setting of switches.map((name) => `net.${name}`)) await services.sysctl(setting, '1');
  for (const rate of ['net.ipv4.icmp_ratelimit', 'net.ipv6.icmp.ratelimit']) await services.sysctl(rate, '0');
}

async function dropsOf(host: Host): Promise<number> {
  const { stdout } = await host.exec('ip', ['-json', '-statistics', 'link', 'show', DEVICE]);
  const [link] = JSON.parse(stdout) as { stats64: { tx: { dropped: number } } }[];
  return link?.stats64.tx.dropped ?? 0;
}
