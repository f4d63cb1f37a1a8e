import { parseArgs } from 'node:util';
import { type Host, openLab, pairOfHosts } from '@netsonde/lab';
import { busyCores } from './accuracy/busy-cores.ts';
import { startQuietCapture } from './accuracy/quiet-capture.ts';
import { fping, netsonde, ping, type Report, type Tool } from './accuracy/tools.ts';
import { wireRtts } from './accuracy/wire-rtts.ts';
import { median, printFigure } from './report/figure.ts';

/**
 * Accuracy: each tool's report against a capture with kernel stamps on the measuring host's own device, echo by echo.
 * Over a virtual cable and through the lab, idle and with every core busy. Needs root and the packages fping and
 * iputils-ping. `--rounds`, `--echoes` (per train), `--only veth|lab`, `--family 4|6` (both when absent).
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    echoes: { type: 'string', default: '500' },
    only: { type: 'string' },
    family: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const count = Number(values.echoes);
const INTERVAL_MS = 2;
/** Delay of one way, short enough that ping and fping still print whole microseconds. */
const LAB_DELAY_MS = 0.2;
/** The lab's device on the measuring host. */
const LAB_DEVICE = 'uplink';
const TOOLS: readonly Tool[] = [netsonde, fping, ping];

/** A path to measure over. */
interface Way {
  readonly name: string;
  readonly host: Host;
  readonly device: string;
  /** Length of the device's link header; 0 for a TUN device. */
  readonly linkBytes: number;
  readonly target: (family: 4 | 6) => string;
}

/** |reported - wire| of each echo of one train, us, ascending. */
async function errorsOf(tool: Tool, way: Way, family: 4 | 6): Promise<number[]> {
  const capture = await startQuietCapture(way.host, way.device);
  const report = await tool.measure(way.host, { target: way.target(family), count, intervalMs: INTERVAL_MS });
  const wire = wireRtts(await capture.stop(), family, way.linkBytes);
  return differences(tool, report, wire);
}

function differences({ name }: Tool, report: Report, wire: readonly number[]): number[] {
  if (wire.length !== count || report.length !== count)
    throw new Error(`${name}: ${count} echoes asked, ${report.length} reported, ${wire.length} captured`);
  const errors = wire.map((rttMs, index) => Math.abs((report[index] ?? Number.NaN) - rttMs) * 1000);
  if (errors.some(Number.isNaN)) throw new Error(`${name}: an echo was lost on a path that loses none`);
  return errors.sort((a, b) => a - b);
}

const percentile = (sorted: readonly number[], pct: number) =>
  sorted[Math.ceil((sorted.length * pct) / 100) - 1] ?? Number.NaN;

async function compare(way: Way, family: 4 | 6, load: string): Promise<void> {
  const errors = new Map<Tool, number[][]>(TOOLS.map((tool) => [tool, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const [tool, rows] of errors) rows.push(await errorsOf(tool, way, family));
  const ours = errors.get(netsonde) ?? [];
  const note = `|reported - captured RTT|, ${count} echoes a round, ${INTERVAL_MS} ms apart`;
  for (const peer of [fping, ping])
    printFigure({
      bench: 'accuracy',
      figure: `p99 error over ${way.name}, IPv${family}, ${load}`,
      unit: 'us',
      rounds: ours.map((row) => percentile(row, 99)),
      peer: { name: peer.name, rounds: (errors.get(peer) ?? []).map((row) => percentile(row, 99)) },
      note,
    });
  const other = { bench: 'accuracy', unit: 'us', note };
  printFigure({ ...other, figure: `median error over ${way.name}, IPv${family}, ${load}`, rounds: ours.map(median) });
  printFigure({
    ...other,
    figure: `largest error over ${way.name}, IPv${family}, ${load}`,
    rounds: ours.map((row) => row.at(-1) ?? Number.NaN),
  });
}

async function overWay(way: Way): Promise<void> {
  const families = ([4, 6] as const).filter(
    (family) => values.family === undefined || Number(values.family) === family,
  );
  for (const family of families) {
    await compare(way, family, 'idle');
    const calm = await busyCores();
    try {
      await compare(way, family, 'every core busy');
    } finally {
      await calm();
    }
  }
}

async function overVeth(): Promise<void> {
  await using hosts = await pairOfHosts();
  const target = (family: 4 | 6) => (family === 4 ? hosts.far.address4 : hosts.far.address6);
  await overWay({ name: 'veth', host: hosts.measuring, device: hosts.device, linkBytes: 14, target });
}

async function throughLab(): Promise<void> {
  const direction = { delayMs: LAB_DELAY_MS };
  await using lab = await openLab({ path: { forward: direction, backward: direction } });
  const target = (family: 4 | 6) => (family === 4 ? lab.services.address4 : lab.services.address6);
  await overWay({ name: 'the lab', host: lab.measuring, device: LAB_DEVICE, linkBytes: 0, target });
}

if (values.only !== 'lab') await overVeth();
if (values.only !== 'veth') await throughLab();
