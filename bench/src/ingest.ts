import { parseArgs } from 'node:util';
import { benchPath, type PathFigures } from './intake/path-bench.ts';
import { benchStore, type StoreBenchFigures } from './intake/store-bench.ts';
import { printFigure } from './report/figure.ts';

/**
 * Intake: 10,000 icmp series, ten varied RTTs per result, while charts are requested; through sessions, and into the
 * store alone. `--seconds` (of load in a round), `--rate` (0: as fast as possible), `--rounds`, `--only
 * sessions|store`.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});

const seconds = Number(values.seconds);
const rate = Number(values.rate);
const note = '10,000 icmp series, ten varied RTTs each; load, live stream and charts on the same machine';

async function sessions(): Promise<void> {
  const rounds = await inRounds(() => benchPath(seconds, rate));
  figures<PathFigures>('sessions', rounds, [
    ['stored and acknowledged', 'results/s', ({ resultsPerSecond }) => resultsPerSecond],
    ['written to disk, folding and merging included', 'bytes/result', ({ writtenPerResult }) => writtenPerResult],
    ['growth of the data folder after compaction', 'bytes/result', ({ growthPerResult }) => growthPerResult],
    ['CPU of the server', 's/100,000 results', ({ serverCpuPer100k }) => serverCpuPer100k],
    ['CPU of the compaction at the end', 's/100,000 results', ({ compactionCpuPer100k }) => compactionCpuPer100k],
    ['newest results of all series', 'ms', ({ latestMs }) => latestMs],
    ['chart while storing, p95', 'ms', ({ chartP95Ms }) => chartP95Ms],
    ['live events seen', 'events', ({ liveEvents }) => liveEvents],
    ['server resident, idle', 'MB', ({ idleMb }) => idleMb],
    ['server resident, after the load', 'MB', ({ loadedMb }) => loadedMb],
    ['server resident, a minute later', 'MB', ({ settledMb }) => settledMb],
  ]);
}

async function store(): Promise<void> {
  const rounds = await inRounds(() => benchStore({ agents: 100, targets: 100, seconds, rate }));
  figures<StoreBenchFigures>('store', rounds, [
    ['stored', 'results/s', ({ resultsPerSecond }) => resultsPerSecond],
    ['growth of the data folder after compaction', 'bytes/result', ({ bytesPerResult }) => bytesPerResult],
    ['written to disk', 'bytes/result', ({ writtenPerResult }) => writtenPerResult],
    ['CPU, load and folding included', 's/100,000 results', ({ cpuPer100k }) => cpuPer100k],
    ['chart while storing, p95', 'ms', ({ chartP95Ms }) => chartP95Ms],
    ['resident while storing', 'MB', ({ residentMb }) => residentMb],
  ]);
}

async function inRounds<Round>(round: () => Promise<Round>): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let made = 0; made < Number(values.rounds); made += 1) rounds.push(await round());
  return rounds;
}

function figures<Round>(
  prefix: string,
  rounds: readonly Round[],
  names: readonly (readonly [string, string, (round: Round) => number])[],
): void {
  for (const [name, unit, pick] of names)
    printFigure({ bench: 'ingest', figure: `${prefix}: ${name}`, unit, rounds: rounds.map(pick), note });
}

for (const [name, section] of Object.entries({ sessions, store }))
  if (values.only === undefined || values.only === name) await section();
