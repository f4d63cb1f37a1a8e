import { expect, vi } from 'vitest';
import { agentKeyIn } from '../../../apps/agent/src/identity/agent-identity.ts';
import { pause } from './ground.ts';
import { test as base, type RealGround } from './real-ground.test-support.ts';
import { SEED, seeded } from './seeds.ts';

vi.setConfig({ testTimeout: 180_000 });

const ROUNDS = 3;

/** Provides each test with a server and an agent that are connected: `real`. */
const test = base.extend('real', async ({ here }): Promise<RealGround> => {
  const real = await here.lay();
  await real.agent.says('connected to');
  return real;
});

interface KeyState {
  readonly fingerprint: string;
  readonly former: string | null;
  readonly waiting: readonly unknown[];
}

/** Kills one of the two, or both, in the middle of a change, and starts them again. */
async function killAndStart(real: RealGround, random: () => number): Promise<void> {
  await pause(random() * 60);
  const who = random();
  if (who < 0.67) await real.agent.kill();
  if (who > 0.33) {
    await real.server.kill();
    await real.startServer();
  }
  if (who < 0.67) {
    await real.startAgent();
    await real.agent.says('connected to');
  }
  await online(real);
}

async function online(real: RealGround): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const agents = await real.api<{ id: number; status: string }[]>('/agents').catch(() => []);
    expect(agents.length).toBeLessThanOrEqual(1);
    if (agents[0]?.status === 'online') return;
    await pause(100);
  }
  throw new Error(`the agent never came back; it said:\n${real.agent.output().slice(-2000)}`);
}

/**
 * The kill may interrupt the request, or the request may arrive when no process is there or the change is done. No
 * other failure is allowed.
 */
async function ask(real: RealGround, path: string): Promise<void> {
  try {
    await real.api(path, {});
  } catch (error) {
    // The messages of fetch for a refused or interrupted connection.
    const cutOff = error instanceof TypeError;
    if (!cutOff && !String(error).includes('"code":"conflict"')) throw error;
  }
}

test.concurrent(`after kill -9 of either side while the key of the agent changes, the same agent reconnects (seed ${SEED})`, async ({
  real,
}) => {
  const random = seeded(SEED);
  const first = agentKeyIn(real.agentFolder);
  for (let round = 0; round < ROUNDS; round++) {
    const asked = ask(real, '/agents/1/rotate-key');
    await killAndStart(real, random);
    await asked;
  }
  await ask(real, '/agents/1/rotate-key');
  await real.agent.says('this agent has a new key');
  await real.agent.stop();
  await real.startAgent();
  await real.agent.says('connected to');
  await online(real);
  expect(agentKeyIn(real.agentFolder)).not.toBe(first);
});

test.concurrent(`after kill -9 of either side while the key of the server changes, both still know each other (seed ${SEED})`, async ({
  real,
}) => {
  const random = seeded(SEED);
  const first = (await real.api<KeyState>('/server-key')).fingerprint;
  for (let round = 0; round < ROUNDS; round++) {
    const begun = ask(real, '/server-key/rotation');
    await killAndStart(real, random);
    await begun;
    await ask(real, '/server-key/rotation');
    for (let tries = 0; tries < 100 && (await real.api<KeyState>('/server-key')).waiting.length > 0; tries++)
      await pause(50);
    const finished = ask(real, '/server-key/rotation/finish');
    await killAndStart(real, random);
    await finished;
    await ask(real, '/server-key/rotation/finish');
  }
  const state = await real.api<KeyState>('/server-key');
  expect(state).toMatchObject({ former: null, waiting: [] });
  expect(state.fingerprint).not.toBe(first);
});
