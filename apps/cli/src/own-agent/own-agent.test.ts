import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { agentOf, lives, type NetsondeProcess, serverOf, startNetsonde, until } from './netsonde-process.test-parts.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
const started: NetsondeProcess[] = [];
/** Processes that may outlive the one that was started. */
const others = new Set<number>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-up-'));
});
afterEach(async () => {
  for (const one of started.splice(0)) {
    one.send('SIGKILL');
    await one.ended;
  }
  for (const pid of others) if (lives(pid)) process.kill(pid, 'SIGKILL');
  others.clear();
  rmSync(folder, { recursive: true, force: true });
});

const settings = (more: Record<string, string> = {}) => ({
  NETSONDE_DATA: folder,
  SERVER_HOST: '127.0.0.1',
  SERVER_PORT: '0',
  ...more,
});

/** Starts `up`, waits until its agent has a session and returns that agent's process. */
async function up(
  more: Record<string, string> = {},
  before?: (command: readonly string[]) => readonly string[],
): Promise<{ one: NetsondeProcess; agent: number }> {
  const one = startNetsonde(['up'], settings(more), before);
  started.push(one);
  await one.says('as agent ');
  await one.says('Netsonde runs at');
  const agent = agentOf(folder) ?? 0;
  others.add(agent);
  return { one, agent };
}

const gone = (pid: number) =>
  until(
    () => `the end of process ${pid}`,
    () => !lives(pid),
  );

test('kill -9 of `up` ends its agent too, gracefully, and the next start works at once', async () => {
  const { one, agent } = await up();
  one.send('SIGKILL');
  expect(await one.ended).toBe('SIGKILL');
  const next = await up();
  expect(next.agent).not.toBe(agent);
  expect(lives(agent)).toBe(false);
  expect(next.one.output()).not.toContain('in use');
  next.one.send('SIGTERM');
  expect(await next.one.ended).toBe('SIGTERM');
  expect(agentOf(folder)).toBeNull();
});

test('an agent whose parent was killed releases its folder automatically', async () => {
  const { one, agent } = await up();
  one.send('SIGKILL');
  await gone(agent);
  expect(agentOf(folder)).toBeNull();
});

test('SIGHUP makes `up` and its agent read their files again where no terminal was closed', async () => {
  const { one, agent } = await up();
  writeFileSync(join(folder, 'agent', 'policy.json'), '{"deny":["192.0.2.0/24"]}');
  one.send('SIGHUP');
  await one.says('was read again and is in force');
  writeFileSync(join(folder, 'agent', 'policy.json'), 'no policy');
  one.send('SIGHUP');
  await one.says('fix it or remove it');
  one.send('SIGINT');
  expect(await one.ended).toBe('SIGINT');
  expect(lives(agent)).toBe(false);
  expect(agentOf(folder)).toBeNull();
});

test('closing the terminal ends `up` and its agent', async () => {
  const { one, agent } = await up({}, (command) => ['script', '-qfec', command.join(' '), '/dev/null']);
  const server = serverOf(folder);
  others.add(server);
  one.send('SIGKILL');
  await gone(agent);
  await gone(server);
  expect(agentOf(folder)).toBeNull();
  const next = await up();
  next.one.send('SIGTERM');
  expect(await next.one.ended).toBe('SIGTERM');
});

test('SIGHUP ends `echo`, which has nothing to read again', async () => {
  const one = startNetsonde(['echo', '--port', '0'], settings());
  started.push(one);
  await one.says('echo service on');
  one.send('SIGHUP');
  expect(await one.ended).toBe('SIGHUP');
});

test('a signal that arrives twice at once, from the terminal and from a parent that forwards it, counts once', async () => {
  const one = startNetsonde(['server'], settings());
  started.push(one);
  await one.says('Netsonde runs at');
  one.send('SIGINT');
  one.send('SIGTERM');
  expect(['SIGINT', 'SIGTERM']).toContain(await one.ended);
  expect(existsSync(join(folder, 'server.pid'))).toBe(false);
});

test('an agent that was never enrolled says that it measures nothing, and SIGTERM ends it gracefully', async () => {
  const made = startNetsonde(['token', 'create', '--agent', '--new'], settings());
  started.push(made);
  expect(await made.ended).toBe(0);
  await expect.poll(() => made.printed()).toMatch(/\n$/);
  const data = { NETSONDE_AGENT_DATA: join(folder, 'agent') };
  const at = { NETSONDE_SERVER: 'http://127.0.0.1:1', NETSONDE_TOKEN: made.printed().trim() };
  const agent = startNetsonde(['agent'], { ...data, ...at });
  started.push(agent);
  await agent.says('not enrolled yet, so that it measures nothing, and tries again');
  expect(agent.output()).not.toContain('goes on measuring');
  agent.send('SIGTERM');
  expect(await agent.ended).toBe('SIGTERM');
  expect(agentOf(folder)).toBeNull();
});

test('with another database `up` uses another agent under the same policy, and with the former database the former agent', async () => {
  const first = await up();
  const key = readFileSync(join(folder, 'agent', 'agent-key.pem'), 'utf8');
  const epochs = readdirSync(join(folder, 'agent', 'spool'));
  first.one.send('SIGTERM');
  await first.one.ended;
  writeFileSync(join(folder, 'agent', 'policy.json'), '{"deny":["192.0.2.0/24"]}');

  const other = await up({ DATABASE_URL: 'sqlite:///other.db' });
  expect(other.one.output()).toMatch(/This database does not know the agent that this host had/);
  expect(readFileSync(join(folder, 'agent', 'agent-key.pem'), 'utf8')).not.toBe(key);
  expect(readFileSync(join(folder, 'agent', 'policy.json'), 'utf8')).toContain('192.0.2.0/24');
  const [aside = ''] = readdirSync(join(folder, 'agents-set-aside'));
  const kept = join(folder, 'agents-set-aside', aside);
  expect(readdirSync(join(kept, 'spool'))).toEqual(expect.arrayContaining(epochs.slice(0, 1)));
  // Agents and checks have the same numbers in both databases. Neither may see the other's results.
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['results', 'results-2']));
  other.one.send('SIGTERM');
  expect(await other.one.ended).toBe('SIGTERM');
  writeFileSync(join(folder, 'agent', 'policy.json'), '{"deny":["198.51.100.0/24"]}');

  const back = await up();
  expect(readFileSync(join(folder, 'agent', 'agent-key.pem'), 'utf8')).toBe(key);
  expect(readFileSync(join(folder, 'agent', 'policy.json'), 'utf8')).toContain('198.51.100.0/24');
  expect(existsSync(kept)).toBe(false);
  back.one.send('SIGTERM');
  expect(await back.one.ended).toBe('SIGTERM');
});
