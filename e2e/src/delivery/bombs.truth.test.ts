import { BOMBS } from '@netsonde/lab';
import { expect } from 'vitest';
import { startBombedAgent } from './bombed-agent.test-support.ts';
import { accountsOnceReported } from './expected-runs.ts';
import { pause } from './ground.ts';
import { type Meeting, test } from './meeting.test-support.ts';

const MIB = 1024 * 1024;
const MOST_GROWTH_BYTES = 64 * MIB;
const CALM_MS = 1000;
/** `RunningAgent.close` promises it. */
const MOST_STOPPING_MS = 5000;

const inMiB = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

/** What the checks beside the bombs missed from this instant on, until the agent was stopped. */
const missedSince = ({ ground }: Meeting, fromMs: number) =>
  ground.kept.missed.filter(({ check, to, reason }) => check === 1 && to >= fromMs && reason !== 'cancelled');

test('each bomb ends within its deadline, in bounded memory, beside checks that miss no instant', async ({ here }) => {
  const only = process.env.BOMB;
  const bombs = only === undefined ? BOMBS : BOMBS.filter(({ name }) => name.includes(only));
  const bombed = await startBombedAgent(here, bombs);
  const firstBytes = bombed.resident();
  const fromMs = Date.now();
  const faults: string[] = [];
  for (const bomb of bombs) {
    await pause(CALM_MS);
    const beforeBytes = bombed.resident();
    const beganMs = Date.now();
    bombed.takePeak();
    const [exploded] = await bombed.explode([bomb]);
    const peakBytes = bombed.takePeak();
    if (exploded === undefined) throw new Error(`${bomb.name} has no result`);
    const { run, deadlineMs } = exploded;
    const grewBytes = peakBytes - beforeBytes;
    const line = `${bomb.probe}: ${bomb.name}: ${run.verdict} ${run.finding?.cause ?? ''}, ${run.took.toFixed(0)} of ${deadlineMs} ms, ${inMiB(grewBytes)} more, ${inMiB(peakBytes - firstBytes)} since the start`;
    process.stdout.write(`${line}\n`);
    for (const { reason, from, count } of missedSince(here, beganMs))
      faults.push(`${line}: ${count} ${reason} at ${from}`);
    if (run.verdict !== bomb.verdict) faults.push(`${line} (not ${bomb.verdict}: ${run.finding?.operation})`);
    if (run.took > deadlineMs + 1000) faults.push(`${line}: too long`);
    if (grewBytes > MOST_GROWTH_BYTES) faults.push(`${line}: too much`);
  }
  const untilMs = Date.now() - CALM_MS;
  const accounts = await accountsOnceReported(here.ground.kept, bombed.neighbours, untilMs, () => bombed.agent.stop());
  const runs = here.ground.kept.runs.filter(({ check, at }) => check === 1 && at >= fromMs);
  const lateMs = Math.max(...runs.map(({ late }) => late));
  process.stdout.write(`beside them: ${runs.length} runs, at most ${lateMs.toFixed(0)} ms late\n`);
  expect(accounts.flatMap((account) => account.faults)).toEqual([]);
  expect(missedSince(here, fromMs)).toEqual([]);
  expect(faults).toEqual([]);
}, 900_000);

test('an agent that is stopped while it judges bombs ends within its usual time', async ({ here }) => {
  const judged = BOMBS.filter(({ name }) => /JSON|HTML|gzip/.test(name));
  const bombed = await startBombedAgent(here, judged);
  const beforeBytes = bombed.resident();
  await bombed.light(judged);
  const grewBytes = bombed.takePeak() - beforeBytes;
  const startedMs = performance.now();
  await bombed.agent.stop();
  const tookMs = performance.now() - startedMs;
  process.stdout.write(
    `stopped in ${tookMs.toFixed(0)} ms with ${judged.length} bombs at once, ${inMiB(grewBytes)} more\n`,
  );
  expect(tookMs).toBeLessThan(MOST_STOPPING_MS);
  expect(bombed.agent.child.exitCode).toBe(0);
}, 120_000);
