import { parseArgs } from 'node:util';
import { benchStore, type StoreBenchFigures } from './intake/store-bench.ts';
import { printFigure } from './report/figure.ts';

/** Intake: 10,000 icmp series, ten varied RTTs a result, charts being asked for. `--seconds`, `--rate` (0: all that goes), `--rounds`. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
  },
});

const rounds: StoreBenchFigures[] = [];
for (let round = 0; round < Number(values.rounds); round += 1)
  rounds.push(
    await benchStore({ agents: 100, targets: 100, seconds: Number(values.seconds), rate: Number(values.rate) }),
  );

const note = `10,000 series, ${rounds[0]?.results} results in the first round, load and charts on the same machine`;
const figure = (name: string, unit: string, pick: (round: StoreBenchFigures) => number) =>
  printFigure({ bench: 'ingest', figure: name, unit, rounds: rounds.map(pick), note });

figure('stored', 'results/s', ({ resultsPerSecond }) => resultsPerSecond);
figure('growth of the data folder', 'bytes/result', ({ bytesPerResult }) => bytesPerResult);
figure('written to disk', 'bytes/result', ({ writtenPerResult }) => writtenPerResult);
figure('CPU, load and folding included', 's/100,000 results', ({ cpuPer100k }) => cpuPer100k);
figure('chart while storing, p95', 'ms', ({ chartP95Ms }) => chartP95Ms);
figure('resident while storing', 'MB', ({ residentMb }) => residentMb);
