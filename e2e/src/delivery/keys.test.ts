import { cpSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openIdentity } from '../../../apps/agent/src/identity/agent-identity.ts';
import { openServerKeys } from '../../../apps/server/src/fleet/server-key.ts';
import { until } from './ground.ts';
import type { LocalAgent } from './local-agent.ts';
import { type Meeting, test } from './meeting.test-support.ts';
import { startSessionServer } from './session-server.ts';

/** An enrolled agent: the server shows it online, and the agent has stored its server. */
async function enrol(here: Meeting): Promise<LocalAgent> {
  const agent = await here.start({ token: await here.server.token() });
  await here.online();
  await agent.said(/connected to/);
  return agent;
}

/** The same server on the same port, after its end. */
async function startAgain(here: Meeting): Promise<void> {
  const { port } = here.server;
  await here.server.close();
  here.server = await startSessionServer(here.ground.folder, here.ground.kept, { port });
}

const folder = (here: Meeting, ...names: string[]) => join(here.ground.folder, ...names);
const row = (here: Meeting) =>
  here.server.config.db.selectFrom('agent').selectAll().orderBy('id').executeTakeFirstOrThrow();
const agents = async (here: Meeting) => (await here.server.config.db.selectFrom('agent').select('id').execute()).length;
const pins = (here: Meeting): string[] =>
  existsSync(folder(here, 'a', 'server.json'))
    ? JSON.parse(readFileSync(folder(here, 'a', 'server.json'), 'utf8')).fingerprints
    : [];
/** Waits until the server meets this condition. */
async function untilRow(
  here: Meeting,
  what: string,
  holds: (agent: Awaited<ReturnType<typeof row>>) => boolean,
): Promise<void> {
  for (let tries = 0; !holds(await row(here)); tries++) {
    if (tries > 400) throw new Error(`it did not come to this: ${what}: ${JSON.stringify(await row(here))}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test('an agent changes its key when an administrator requests it: same agent, same spool, and the old key is refused', async ({
  here,
}) => {
  here.server.assign([here.ground.check(1, 200, 1, Date.now())]);
  const first = await enrol(here);
  const oldKey = (await row(here)).public_key;
  await until('results are kept', () => here.ground.kept.runs.length > 1);
  cpSync(folder(here, 'a', 'agent-key.pem'), folder(here, 'old-key.pem'));
  expect(here.server.fleet.rotateAgentKey(1)).toBe(true);
  await first.said(/this agent has a new key/);
  const { publicKey } = openIdentity(folder(here, 'a'));
  expect(publicKey).not.toBe(oldKey);
  expect(await row(here)).toMatchObject({ id: 1, public_key: publicKey, previous_public_key: oldKey });
  await first.agent.close();
  const second = await here.start();
  await here.online();
  await untilRow(here, 'the old key is given up', ({ previous_public_key }) => previous_public_key === null);
  const lives = () => new Set(here.ground.kept.runs.map(({ epoch }) => epoch));
  await until('results of both lives are kept', () => lives().size === 2);
  expect(await agents(here)).toBe(1);
  await second.agent.close();
  cpSync(folder(here, 'a'), folder(here, 'copy'), { recursive: true });
  cpSync(folder(here, 'old-key.pem'), folder(here, 'copy', 'agent-key.pem'));
  const thief = await here.start({ data: folder(here, 'copy') });
  expect(await thief.agent.ended).toMatch(/does not know this agent/);
});

test('an offline agent cannot be asked for a new key, and makes one when it is started with that option', async ({
  here,
}) => {
  const first = await enrol(here);
  const { public_key } = await row(here);
  await first.agent.close();
  await until('it is away', () => here.server.fleet.online().size === 0);
  expect(here.server.fleet.rotateAgentKey(1)).toBe(false);
  const second = await here.start({ rotateKey: true });
  await second.said(/this agent has a new key/);
  expect((await row(here)).public_key).not.toBe(public_key);
});

/** What a kill leaves behind, at each step of a change of the agent's key. */
test.for([
  ['the new key is written, and the server knows nothing of it', false, false],
  ['the server knows the new key, and the agent was not informed', true, false],
  ['the agent has put the new key in place, and has not used it yet', true, true],
])('a kill when %s leaves two that still talk', async ([_what, serverKnows, inPlace], { here }) => {
  const first = await enrol(here);
  const { public_key: oldKey } = await row(here);
  await first.agent.close();
  const { publicKey: newKey } = openIdentity(folder(here, 'a')).makeNext();
  if (serverKnows)
    await here.server.config.db.updateTable('agent').set({ public_key: newKey, previous_public_key: oldKey }).execute();
  if (inPlace) renameSync(folder(here, 'a', 'agent-key.next.pem'), folder(here, 'a', 'agent-key.pem'));
  await startAgain(here);
  const second = await here.start();
  await here.online();
  if (!inPlace) await second.said(/this agent has a new key/);
  await second.agent.close();
  expect(openIdentity(folder(here, 'a')).publicKey).toBe(newKey);
  expect(existsSync(folder(here, 'a', 'agent-key.next.pem'))).toBe(false);
  const third = await here.start();
  await third.said(/connected to/);
  await untilRow(
    here,
    'the new key alone is good',
    (one) => one.public_key === newKey && one.previous_public_key === null,
  );
  expect(await agents(here)).toBe(1);
});

test('a revoked agent stays revoked, with the new key and with the old one', async ({ here }) => {
  const first = await enrol(here);
  cpSync(folder(here, 'a', 'agent-key.pem'), folder(here, 'old-key.pem'));
  here.server.fleet.rotateAgentKey(1);
  await first.said(/this agent has a new key/);
  await here.server.fleet.revoke(1);
  expect(await first.agent.ended).toMatch(/revoked/);
  expect(await (await here.start({ token: await here.server.token() })).agent.ended).toMatch(/was revoked/);
  cpSync(folder(here, 'old-key.pem'), folder(here, 'a', 'agent-key.pem'));
  expect(await (await here.start({ token: await here.server.token() })).agent.ended).toMatch(/was revoked/);
});

test('when the server changes its key, agents learn the new one before the old one is dropped', async ({ here }) => {
  const oldToken = await here.server.token(null);
  const first = await here.start({ token: oldToken });
  await here.online();
  const oldKey = here.server.fleet.keys.newest.fingerprint;
  expect(await here.server.fleet.rotation.state()).toEqual({ fingerprint: oldKey, former: null, waiting: [] });
  expect(await here.server.fleet.rotation.finish(true)).toBe('none');
  expect(here.server.fleet.rotation.begin()).toBe(true);
  expect(here.server.fleet.rotation.begin()).toBe(false);
  const newKey = here.server.fleet.keys.newest.fingerprint;
  expect(newKey).not.toBe(oldKey);
  await until('the agent has pinned both', () => pins(here).length === 2);
  await untilRow(here, 'the server knows that', ({ server_key }) => server_key === newKey);
  expect(await here.server.fleet.rotation.state()).toEqual({ fingerprint: newKey, former: oldKey, waiting: [] });
  await first.agent.close();

  const other = await here.start({ token: await here.server.token(), name: 'b', data: folder(here, 'b') });
  await other.said(/connected to/);
  const late = await here.start({ token: oldToken, name: 'c', data: folder(here, 'c') });
  await late.said(/connected to/);
  for (let tries = 0; (await here.server.fleet.rotation.state()).waiting.length > 0 && tries < 200; tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await here.server.fleet.rotation.finish(false)).toBe('done');
  expect(await here.server.fleet.rotation.state()).toEqual({ fingerprint: newKey, former: null, waiting: [] });
  expect(pins(here)).toEqual([newKey, oldKey]);
  await startAgain(here);
  const again = await here.start({ token: oldToken });
  await again.said(/connected to/);
  await until('the old key is dropped', () => pins(here).length === 1);
  await until('all three are online', () => here.server.fleet.online().size === 3);
  await again.agent.close();
  await (await here.start({ token: oldToken })).said(/connected to/);
  expect(openServerKeys(here.ground.folder).all.map(({ fingerprint }) => fingerprint)).toEqual([newKey]);
});

test('the old key is not dropped while an agent would lose its server, and an agent that lost it still measures', async ({
  here,
}) => {
  here.server.assign([here.ground.check(1, 200, 1, Date.now())]);
  const first = await enrol(here);
  await first.agent.close();
  await until('it is away', () => here.server.fleet.online().size === 0);
  here.server.fleet.rotation.begin();
  expect(await here.server.fleet.rotation.finish(false)).toBe('waiting');
  expect((await here.server.fleet.rotation.state()).waiting).toEqual([{ id: 1, name: 'a' }]);
  expect(await here.server.fleet.rotation.finish(true)).toBe('done');
  const lost = await here.start();
  await lost.said(/another key than the one this agent was enrolled with.*goes on measuring/);
});

/** What a kill leaves behind, at each step of a change of the server's key. */
test.for(['before the agent received it', 'after the agent pinned both', 'after the old key was given up'])(
  'after a kill of both %s, agent and server still connect',
  async (when, { here }) => {
    const first = await enrol(here);
    await first.agent.close();
    await until('it is away', () => here.server.fleet.online().size === 0);
    here.server.fleet.rotation.begin();
    const newKey = here.server.fleet.keys.newest.fingerprint;
    if (when !== 'before the agent received it') {
      const informed = await here.start();
      await until('the agent has pinned both', () => pins(here).length === 2);
      await untilRow(here, 'the server knows that', ({ server_key }) => server_key === newKey);
      await informed.agent.close();
      await until('it is away', () => here.server.fleet.online().size === 0);
    }
    if (when === 'after the old key was given up') expect(await here.server.fleet.rotation.finish(false)).toBe('done');
    await startAgain(here);
    expect(here.server.fleet.keys.newest.fingerprint).toBe(newKey);
    const second = await here.start();
    await here.online();
    await until('the agent knows the new key', () => pins(here).includes(newKey));
    await untilRow(here, 'the server knows that', ({ server_key }) => server_key === newKey);
    if (when !== 'after the old key was given up') expect(await here.server.fleet.rotation.finish(false)).toBe('done');
    await second.agent.close();
    // The old key is dropped only in a session that began with the new one.
    await (await here.start()).said(/connected to/);
    await until('the agent knows no other', () => pins(here).join() === newKey);
  },
);
