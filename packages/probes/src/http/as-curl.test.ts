import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ODD_ANSWERS, type OddAnswer } from './odd-answers.test-support.ts';
import { run } from './run-http.test-support.ts';

const TIMEOUT_S = 5;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netsonde-curl-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Serves an answer to the requests of one client; `head` of a request without its body. */
async function serving<Result>({ answer, open }: OddAnswer, ask: (url: string) => Promise<Result>): Promise<Result> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let head = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      head += data.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const bytes = typeof answer === 'function' ? answer(head, count) : answer;
      head = '';
      count += 1;
      if (open === true) socket.write(bytes);
      else socket.end(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

interface Curled {
  readonly shows: boolean;
  readonly bytes: number;
  readonly said: string;
}

let files = 0;

/** What curl makes of it: whether it shows a page, and how many bytes of content. */
async function curl(url: string): Promise<Curled> {
  files += 1;
  const file = join(folder, String(files));
  const args = [
    '-sS',
    '-L',
    '--compressed',
    '-b',
    '',
    '--max-time',
    String(TIMEOUT_S),
    '-o',
    file,
    '-w',
    '%{http_code}',
    url,
  ];
  const ended = await new Promise<{ readonly code: number; readonly said: string; readonly status: string }>(
    (resolve) => {
      execFile('curl', args, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), said: stderr.trim(), status: stdout }),
      );
    },
  );
  const content = await readFile(file).catch(() => Buffer.alloc(0));
  return { shows: ended.code === 0 && ended.status.startsWith('2'), bytes: content.length, said: ended.said };
}

test.concurrent.each(ODD_ANSWERS)('$name: what curl shows is up, with as many bytes of content', async (odd) => {
  const theirs = await serving(odd, curl);
  const ours = await serving(odd, (url) => run(url, { timeoutSeconds: TIMEOUT_S }));
  const isAlike = ours.verdict === 'up' && ours.metrics.body_bytes === theirs.bytes;
  const summary = `curl: ${JSON.stringify(theirs)}; http: ${ours.said} ${ours.metrics.body_bytes} ${ours.outcome.finding?.operation}`;
  expect(theirs.shows, summary).toBe(true);
  expect(isAlike, summary).toBe(odd.unlikeCurl === undefined);
});
