import { LAB_ADDRESSES, type Lab } from '@netsonde/lab';
import {
  firstService,
  losingTwoSyns,
  roundTripOf,
  type Stage,
  TWO_SYNS_AGAIN_MS,
} from '../presence/stage.test-support.ts';
import { type Expected, longerThan, type Shown, type Truth } from '../presence/truth.test-support.ts';
import { kernelTimesOf, lastHandshakeMs, seeHandshakes } from './handshake.test-support.ts';

/** IPv4 and TCP headers, and the timestamps option with its padding. */
const HEADERS = 40;
const TIMESTAMPS = 12;
const SLOW_ECHO_MS = 2500;

interface Settings {
  /** Attributes of the measuring host's route to the services. */
  readonly route: string;
  readonly measuring: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, string>>;
}

async function apply(lab: Lab, { route, measuring, services }: Settings): Promise<void> {
  for (const [name, value] of Object.entries(measuring)) await lab.measuring.sysctl(name, value);
  for (const [name, value] of Object.entries(services)) await lab.services.sysctl(name, value);
  const { stdout } = await lab.measuring.exec('ip', ['-json', 'route', 'show', 'default']);
  const [{ dev } = { dev: '' }] = JSON.parse(stdout) as { dev: string }[];
  const { measuring4, services4 } = LAB_ADDRESSES;
  await lab.measuring.ip([`route add ${services4}/32 dev ${dev} src ${measuring4} ${route}`]);
}

/** A route's threshold goes into the kernel's memory of the destination with the first connection, and out with the next. */
async function shown(stage: Stage, rttMs: number, settings: Settings, expects: Record<string, Expected>) {
  const lab = await stage.openLab({ path: roundTripOf(rttMs), services: [{ kind: 'tcp_echo' }] });
  await apply(lab, settings);
  const connect = `exec 3<>/dev/tcp/${firstService(lab).replace(':', '/')}`;
  await lab.measuring.exec('bash', ['-c', connect]);
  const seen = await seeHandshakes(lab);
  const outcome = await stage.runOn(lab.measuring, 'tcp', firstService(lab), { echo: 'text' });
  const times = {
    connect_time_ms: longerThan(rttMs),
    syn_retransmits: 0,
    ...kernelTimesOf(await lastHandshakeMs(seen)),
    payload_verified: true,
  };
  return { outcome, expects: { ...times, ...expects } };
}

async function echoed(stage: Stage, delayMs: number): Promise<Shown> {
  const { at } = await stage.serve({ kind: 'tcp_echo', delayMs });
  return { outcome: await stage.run('tcp', at, { echo: 'text' }), expects: { echo_rtt_ms: longerThan(delayMs) } };
}

/** The window that this room needs is scaled by `shift`. */
const roomFor = (shift: number) => ({ 'net.ipv4.tcp_rmem': `4096 131072 ${2 ** (15 + shift)}` });
const KEEP_THRESHOLDS = { 'net.ipv4.tcp_no_ssthresh_metrics_save': '0' };
const ASK_FOR_ECN = { 'net.ipv4.tcp_ecn': '1' };

export const tcpTruths: readonly Truth[] = [
  {
    made: 'a route of 1500 bytes, ten segments and reno over 20 ms, to a kernel that agrees to all options',
    show(stage) {
      const mss = 1500 - HEADERS - TIMESTAMPS;
      return shown(
        stage,
        20,
        {
          route: 'initcwnd 10 ssthresh 20 congctl reno',
          measuring: { ...KEEP_THRESHOLDS, ...ASK_FOR_ECN, ...roomFor(9) },
          services: roomFor(10),
        },
        {
          mss_bytes: mss,
          path_mtu_bytes: 1500,
          cwnd_bytes: 10 * mss,
          ssthresh_bytes: 20 * mss,
          window_scale_send: 10,
          window_scale_receive: 9,
          ecn_negotiated: true,
          sack: true,
          timestamps: true,
          congestion_algorithm: 'reno',
        },
      );
    },
  },
  {
    made: 'a route of 1300 bytes, four segments and cubic over 300 ms, to a kernel that agrees to no option',
    show(stage) {
      const mss = 1300 - HEADERS;
      return shown(
        stage,
        300,
        {
          route: 'mtu lock 1300 initcwnd 4 ssthresh 30 congctl cubic',
          measuring: { ...KEEP_THRESHOLDS, ...ASK_FOR_ECN, ...roomFor(11) },
          services: {
            ...roomFor(8),
            'net.ipv4.tcp_ecn': '0',
            'net.ipv4.tcp_sack': '0',
            'net.ipv4.tcp_timestamps': '0',
          },
        },
        {
          mss_bytes: mss,
          path_mtu_bytes: 1300,
          cwnd_bytes: 4 * mss,
          ssthresh_bytes: 30 * mss,
          window_scale_send: 8,
          window_scale_receive: 11,
          ecn_negotiated: false,
          sack: false,
          timestamps: false,
          congestion_algorithm: 'cubic',
        },
      );
    },
  },
  {
    made: 'a lab path that loses the first two SYNs',
    async show(stage) {
      const outcome = await stage.runInNewLab(
        () => stage.openLab({ path: losingTwoSyns, services: [{ kind: 'tcp_echo' }] }),
        'tcp',
        { targetOf: firstService },
      );
      return { outcome, expects: { syn_retransmits: 2, connect_time_ms: longerThan(TWO_SYNS_AGAIN_MS) } };
    },
  },
  { made: 'an echo service that answers at once', show: (stage) => echoed(stage, 0) },
  { made: `an echo service that takes ${SLOW_ECHO_MS} ms`, show: (stage) => echoed(stage, SLOW_ECHO_MS) },
  {
    made: 'an echo service that changes a byte',
    async show(stage) {
      const { at } = await stage.serve({ kind: 'tcp_echo', corruptEvery: 1 });
      return { outcome: await stage.run('tcp', at, { echo: 'text' }), expects: { payload_verified: false } };
    },
  },
];
