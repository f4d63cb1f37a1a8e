import { parseArgs } from 'node:util';
import { idleMemory, type Memory, starterMemory } from './agent/memory.ts';
import { type StoredAccuracy, storedAccuracy } from './agent/stored-accuracy.ts';
import { printFigure } from './report/figure.ts';

/**
 * Agent: resident memory of agent and server, idle and with the starter test. Then the stored results of a running
 * agent with 1,000 ICMP targets and 200 HTTP checks against a capture on its own device. Needs root. `--rounds`,
 * `--seconds` (measuring time of a round of accuracy), `--settle` (s before memory is read), `--only memory|accuracy`.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '15' },
    settle: { type: 'string', default: '10' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);

async function inRounds<Round>(round: () => Promise<Round>): Promise<Round[]> {
  const all: Round[] = [];
  for (let index = 0; index < rounds; index += 1) all.push(await round());
  return all;
}

async function memory(): Promise<void> {
  const settle = Number(values.settle);
  const print = (state: string, all: readonly Memory[]) => {
    const note = `VmRSS ${settle} s after the start`;
    const figure = (who: string, goal: number, pick: (memory: Memory) => number) =>
      printFigure({
        bench: 'agent',
        figure: `resident memory of ${who}, ${state}`,
        unit: 'MB',
        rounds: all.map(pick),
        note: `${note}; goal when idle: at most ${goal}`,
      });
    figure('the agent', 110, ({ agentMb }) => agentMb);
    figure('the server', 170, ({ serverMb }) => serverMb);
  };
  print('idle', await inRounds(() => idleMemory(settle)));
  print('with the starter test', await inRounds(() => starterMemory(settle)));
}

async function accuracy(): Promise<void> {
  for (const busy of [false, true]) {
    const all = await inRounds(() => storedAccuracy(Number(values.seconds), busy));
    const load = busy ? 'every core busy' : 'cores free';
    const http = Math.min(...all.map(({ httpResults }) => httpResults));
    const note = `|stored - captured RTT| over veth; 1,000 ICMP targets and 200 HTTP checks every 5 s; ${http} HTTP results or more beside them`;
    const figure = (name: string, unit: string, pick: (round: StoredAccuracy) => number) =>
      printFigure({ bench: 'agent', figure: `${name}, ${load}`, unit, rounds: all.map(pick), note });
    figure('p99 error of stored RTTs', 'us', ({ p99Us }) => p99Us);
    figure('median error of stored RTTs', 'us', ({ medianUs }) => medianUs);
    figure('largest error of stored RTTs', 'us', ({ largestUs }) => largestUs);
    figure('stored RTTs compared', 'RTTs', ({ rtts }) => rtts);
    figure('stored RTTs without two kernel stamps', 'RTTs', ({ unstamped }) => unstamped);
  }
}

if (values.only !== 'accuracy') await memory();
if (values.only !== 'memory') await accuracy();
