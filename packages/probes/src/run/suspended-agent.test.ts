import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { thisHost, watchedInHost } from './run-in-host.test-support.ts';

const SUSPENDED_MS = 1500;
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** This host; it reports each measuring process as it starts. */
const hostWith = (started: (pid: number) => void) =>
  thisHost((child) => {
    closing.push(() => child.kill('SIGKILL'));
    started(child.pid ?? 0);
  });

/** Measures a server that suspends the agent when its request arrives, and then does what the test specifies. */
async function measure(answer: (socket: Socket) => void) {
  let agent = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      process.kill(agent, 'SIGSTOP');
      answer(socket);
      setTimeout(() => process.kill(agent, 'SIGCONT'), SUSPENDED_MS);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const { port } = server.address() as { readonly port: number };
  const host = hostWith((pid) => {
    agent = pid;
  });
  const { result } = await watchedInHost(host, 'http', `http://127.0.0.1:${port}/`, { timeoutSeconds: 0.5 });
  const { outcome } = result;
  return [outcome.verdict, outcome.finding?.cause, outcome.finding?.side];
}

test('an agent that was suspended past its deadline reads the answer that arrived meanwhile', async () => {
  expect(await measure((socket) => socket.end(ANSWER))).toEqual(['up', undefined, undefined]);
});

test.each([
  ['says nothing', () => {}],
  ['closes', (socket: Socket) => socket.end()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
] as const)('it cannot tell of a server that %s meanwhile', async (_, answer) => {
  expect(await measure(answer)).toEqual(['unknown', 'local_resource', 'agent']);
});
