import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openPty } from '@netsonde/sockets';
import { afterEach, beforeEach, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../bin/netsonde.js', import.meta.url));
const REQUESTS = 10_000;

/** Command lines in front of the server's, for terminals that are another user's. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  'terminal of another user': ['setsid', '--ctty', 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
};

/** An output whose reader reads only when the test says so. */
interface Reader {
  readonly stdio: number | 'pipe';
  /** Reads what there is; '' where there is nothing. */
  read(child: ChildProcess): string;
  close(): void;
}

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-blocked-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function terminal(): Reader {
  const { program, reader, close } = openPty();
  return { stdio: program, read: () => readSome(reader), close };
}

const readers: Readonly<Record<string, () => Reader>> = {
  terminal,
  'terminal of another user': terminal,
  pipe() {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    return {
      stdio: writer,
      read: () => readSome(reader),
      close() {
        closeSync(reader);
        closeSync(writer);
      },
    };
  },
  // What Node calls a pipe is a pair of sockets.
  socket: () => ({ stdio: 'pipe', read: ({ stderr }) => String(stderr?.read() ?? ''), close: () => {} }),
};

function readSome(fd: number): string {
  const bytes = Buffer.alloc(64 * 1024);
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return '';
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** As a stranger: each request is refused, and is a line of the log. */
async function askManyTimes(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let answers = 0;
  socket.setEncoding('latin1').on('data', (text) => {
    answers += String(text).split('HTTP/1.1 404').length - 1;
  });
  const request = 'GET /api/v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  for (let sent = 0; sent < REQUESTS; sent += 100) {
    socket.write(request.repeat(100));
    await expect.poll(() => answers, { timeout: 60_000, interval: 5 }).toBeGreaterThan(sent);
  }
  await expect.poll(() => answers, { timeout: 60_000 }).toBeGreaterThan(REQUESTS * 0.99);
  socket.destroy();
  return answers;
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}

test.each(Object.keys(readers))(
  'a server whose %s is not read answers, says how many log lines it has dropped, and ends on SIGTERM',
  { timeout: 240_000 },
  async (kind) => {
    const reader = (readers[kind] as () => Reader)();
    const port = await freePort();
    const [program = '', ...args] = [...(BEFORE[kind] ?? []), process.execPath, PROGRAM, 'server'];
    if (kind in BEFORE) chownSync(folder, 65534, 65534);
    child = spawn(program, args, {
      stdio: [kind in BEFORE ? reader.stdio : 'ignore', reader.stdio, reader.stdio],
      env: {
        PATH: process.env.PATH,
        NETSONDE_DATA: join(folder, 'data'),
        SERVER_HOST: '127.0.0.1',
        SERVER_PORT: String(port),
        DEBUG: 'true',
      },
    });
    const ended = once(child, 'exit');
    await expect.poll(() => answers(port), { timeout: 60_000 }).toBe(true);
    await askManyTimes(port);
    let text = '';
    for (let tries = 0; tries < 2000 && !/were dropped.* dropped=\d+/.test(text); tries += 1) {
      text += reader.read(child);
      await pause(10);
    }
    const dropped = Number(/were dropped.* dropped=(\d+)/.exec(text)?.[1]);
    expect(dropped).toBeGreaterThan(0);
    const lines = text.split('\n').filter((line) => line.includes('/api/v1/nothing')).length;
    expect(lines + dropped).toBeGreaterThanOrEqual(REQUESTS * 0.99);
    await askManyTimes(port);
    expect(await answers(port)).toBe(true);
    child.kill('SIGTERM');
    expect((await ended)[1]).toBe('SIGTERM');
    reader.close();
  },
);
