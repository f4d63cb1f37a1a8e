import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { evenLedger, type LedgerRow } from '../delivery/even-ledger.ts';
import { FAKE_CLOCK } from '../delivery/fake-clock.ts';
import { pause } from '../delivery/ground.ts';
import { type RealGround, type RealGrounds, test } from '../delivery/real-ground.test-support.ts';
import { SEED, seeded } from '../delivery/seeds.ts';

const DAY_S = 86_400;
/** By how much clocks are wrong, s. The last one is 1970. */
const WRONG_S = [60, -60, DAY_S, -DAY_S, 150 * DAY_S, -Math.floor(Date.now() / 1000) + 100] as const;
const INTERVAL_MS = 200;

interface History {
  readonly real: RealGround;
  readonly agentClock: (offsetS: number) => void;
  readonly serverClock: (offsetS: number) => void;
  /** Waits until so many more results are stored. */
  more(count: number): Promise<void>;
  /** The next processes find the clock file of another boot. */
  reboot(side: 'agent' | 'server'): void;
  /** Ends the history: all clocks are right, and everything must be accounted for. */
  settle(): Promise<void>;
}

interface Row {
  readonly at: string;
  readonly flags?: readonly string[];
}

/** Starts a server and an agent whose clocks the suite sets, with a test under way and the shortest retention. */
async function begin(here: RealGrounds, serverOffsetS = 0): Promise<History> {
  const { folder } = here.ground;
  const file = { agent: join(folder, 'agent-clock'), server: join(folder, 'server-clock') };
  const set = (side: 'agent' | 'server') => (offsetS: number) =>
    writeFileSync(file[side], `${offsetS < 0 ? '' : '+'}${offsetS}\n`);
  const clocks = { agent: set('agent'), server: set('server') };
  clocks.agent(0);
  clocks.server(serverOffsetS);
  const real = await here.lay({
    agent: { env: FAKE_CLOCK(file.agent) },
    serverEnv: { ...FAKE_CLOCK(file.server), RETENTION_RAW: '1' },
  });
  const question = await real.test(INTERVAL_MS);
  const rows = () => real.api<Row[]>(`/tests/${question.test}/export.json`);
  const more = async (count: number) => {
    const before = await real.stored(question.test);
    for (const end = performance.now() + 60_000; (await real.stored(question.test)) < before + count; await pause(200))
      if (performance.now() > end)
        throw new Error(`${count} more results are not stored: ${real.agent.output().slice(-2000)}`);
    await expectSum(real, question.test);
  };
  return {
    real,
    agentClock: clocks.agent,
    serverClock: clocks.server,
    more,
    reboot(side) {
      const path = join(side === 'agent' ? real.agentFolder : join(folder, 'server'), 'clock.json');
      const kept = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...kept, boot: 'another', uptimeMs: 0 }));
    },
    async settle() {
      clocks.agent(0);
      clocks.server(0);
      await more(20);
      const all = await rows();
      const now = Date.now();
      const newest = Math.max(...all.map(({ at }) => Date.parse(at)));
      expect(newest).toBeLessThanOrEqual(now);
      expect(newest).toBeGreaterThan(now - 10_000);
      expect(all.filter(({ flags }) => flags?.includes('repeated'))).toEqual([]);
      const { faults, dropped } = await evenLedger(real.api, { ...question, toMs: now - 1000 });
      expect(faults).toEqual([]);
      expect(dropped).toEqual({});
    },
  };
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, one) => all + one, 0);

/** At any moment, whatever the clocks say, the parts of the ledger are its whole. */
async function expectSum(real: RealGround, test: number): Promise<void> {
  const { rows } = await real.api<{ rows: (LedgerRow & { refused: Record<string, number> })[] }>(
    `/ledger?test=${test}`,
  );
  for (const { expected, stored, dropped, missed, refused, outstanding } of rows) {
    expect(outstanding).toBeGreaterThanOrEqual(0);
    expect(stored + sum(dropped) + sum(missed) + sum(refused) + outstanding).toBe(expected);
  }
}

/** The wrong clocks of one history, in any order: all of them where many seeds are tried, otherwise two. */
const shuffled = (random: () => number) =>
  WRONG_S.map((offset) => ({ offset, by: random() }))
    .sort((a, b) => a.by - b.by)
    .map(({ offset }) => offset)
    .slice(0, process.env.NETSONDE_TEST_SEED === undefined ? 2 : WRONG_S.length);

for (const side of ['agent', 'server', 'both'] as const)
  test.concurrent(`while the clock of ${side} is wrong for seconds, in contact, nothing is lost or falsified (seed ${SEED})`, async ({
    here,
  }) => {
    const history = await begin(here);
    for (const offset of shuffled(seeded(SEED))) {
      if (side !== 'server') history.agentClock(offset);
      if (side !== 'agent') history.serverClock(offset);
      await history.more(15);
      history.agentClock(0);
      history.serverClock(0);
      await history.more(10);
    }
    await history.settle();
  }, 240_000);

test.concurrent(`an agent that is cut off while its clock is wrong keeps its spool and delivers at the right instants (seed ${SEED})`, async ({
  here,
}) => {
  const history = await begin(here);
  const { real } = history;
  for (const offset of shuffled(seeded(SEED + 1))) {
    await real.server.kill();
    history.agentClock(offset);
    await pause(2000);
    history.agentClock(0);
    await real.startServer();
    await history.more(30);
  }
  await history.settle();
}, 240_000);

test.concurrent(`an agent that boots with a wrong clock, cut off or not, delivers at the right instants (seed ${SEED})`, async ({
  here,
}) => {
  const history = await begin(here);
  const { real } = history;
  const random = seeded(SEED + 2);
  for (const offset of shuffled(random)) {
    const isCutOff = random() < 0.5;
    await real.agent.kill();
    history.reboot('agent');
    if (isCutOff) await real.server.kill();
    history.agentClock(offset);
    await real.startAgent();
    await pause(2000);
    if (isCutOff) await real.startServer();
    await history.more(20);
    history.agentClock(0);
    await history.more(10);
  }
  await history.settle();
}, 240_000);

test.concurrent(`a server that starts with a wrong clock deletes nothing, and all is right once its clock is (seed ${SEED})`, async ({
  here,
}) => {
  const history = await begin(here);
  const { real } = history;
  const random = seeded(SEED + 3);
  for (const offset of shuffled(random)) {
    await real.server.kill();
    if (random() < 0.5) history.reboot('server');
    history.serverClock(offset);
    await real.startServer();
    await history.more(15);
    history.serverClock(0);
    await history.more(15);
  }
  await history.settle();
}, 240_000);

test.concurrent('what was decided while the clock of a new server was half a day ahead is decided again once it is right', async ({
  here,
  expect,
}) => {
  const history = await begin(here, DAY_S / 2);
  const { real } = history;
  const laterMs = Date.now() + (DAY_S * 1000) / 4;
  const test = async () => (await real.api<{ startAt: string }>('/tests/1')).startAt;
  expect(Date.parse(await test())).toBeGreaterThan(laterMs);
  history.serverClock(0);
  await history.more(10);
  const { problem } = await real.api<{ problem: { kind: string } | null }>('/server-clock');
  expect(problem?.kind).toBe('stepped');
  await real.api('/server-clock/believe', {});
  const believedMs = Date.now();
  await expect.poll(async () => Date.parse(await test()), { timeout: 20_000 }).toBeLessThan(laterMs);
  const fresh = async () => {
    const rows = await real.api<Row[]>('/tests/1/export.json');
    return rows.filter(({ at }) => Date.parse(at) > believedMs && Date.parse(at) < laterMs);
  };
  await expect.poll(async () => (await fresh()).length, { timeout: 30_000 }).toBeGreaterThan(150);
  expect((await fresh()).filter(({ flags }) => flags?.includes('repeated'))).toEqual([]);
  const [fromMs, toMs] = [believedMs + 3000, Date.now() - 1000];
  const left = async () => {
    const window = `from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
    const { rows } = await real.api<{ rows: LedgerRow[] }>(`/ledger?test=1&${window}`);
    expect(rows).toHaveLength(3);
    return rows.map(({ expected, stored, missed }) => expected - stored - sum(missed));
  };
  await expect.poll(left, { timeout: 20_000 }).toEqual([0, 0, 0]);
}, 120_000);
