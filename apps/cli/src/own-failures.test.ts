import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../bin/netsonde.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'netsonde-failures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a shell command line with the program as `$NETSONDE`, without this process's environment. */
async function shell(script: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const NETSONDE = `${process.execPath} ${PROGRAM}`;
  const { PATH = '' } = process.env;
  const child = spawn('sh', ['-c', script], {
    cwd: folder,
    env: { PATH, HOME: folder, NETSONDE, NETSONDE_DATA: join(folder, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => {
    out += data;
    // A command that runs until it is stopped has shown that it runs.
    if (RUNS.test(out)) child.kill('SIGTERM');
  });
  child.stderr.on('data', (data) => (err += data));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

const ONE_LINE = /^netsonde: [^\n]+\n?$/;
const RUNS = /^(echo service on|\nNetsonde runs at)/m;

/**
 * Commands, and how each ends where the files suffice after all: newer versions of Node load a program with fewer. null:
 * by the signal that the suite sends.
 */
const COMMANDS: readonly (readonly [command: string, codes: readonly (number | null)[]])[] = [
  ['up', [null]],
  ['server', [null]],
  ['agent --server http://127.0.0.1:9', [2]],
  ['probe tcp 127.0.0.1:9', [1]],
  ['doctor', [0, 1]],
  ['token create --agent', [2]],
  ['echo --port 0', [null]],
  ['--version', [0]],
];

describe('with few files to open', () => {
  test.each(COMMANDS)(
    'netsonde %s exits with 3 and one line that names the limit, or does its work',
    { timeout: 180_000 },
    async (command, codes) => {
      for (const limit of [32, 48, 64, 96]) {
        const { code, out, err } = await shell(`ulimit -n ${limit}; exec $NETSONDE ${command}`, { SERVER_PORT: '0' });
        if (code !== 3) expect({ limit, codes }).toMatchObject({ codes: expect.arrayContaining([code]) });
        else {
          expect(err.trimEnd().split('\n').at(-1)).toMatch(ONE_LINE);
          expect(err).toContain(`at most ${limit} files (ulimit -n)`);
          expect({ out, stack: /^ +at /m.test(err) }).toEqual({ out: '', stack: false });
        }
      }
    },
  );
});

describe('a failure of the program itself', () => {
  test.each(['probe tcp 127.0.0.1:9 --json', 'doctor --json', '--help'])(
    'netsonde %s exits with 3 where its output is closed, without a word, or where the disk is full',
    async (command) => {
      const closed = await shell(`{ $NETSONDE ${command}; echo "code $?" >&2; } | true`);
      expect(closed.err).toBe('code 3\n');
      const full = await shell(`exec $NETSONDE ${command} > /dev/full`);
      expect(full).toMatchObject({ code: 3, err: expect.stringMatching(/^netsonde: the disk is full [^\n]*\n$/) });
    },
  );

  test('exits with 3 where its port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const taken = await shell(`exec $NETSONDE echo --port ${port}`);
    server.close();
    expect(taken).toMatchObject({ code: 3, out: '', err: expect.stringMatching(ONE_LINE) });
  });

  test('exits with 3 on an uncaught error, with its stack only where DEBUG=true', async () => {
    const module = join(folder, 'thrower.mjs');
    for (const how of ['throw new Error("no luck today")', 'Promise.reject(new Error("no luck today"))']) {
      writeFileSync(
        module,
        `const wait = setInterval(() => {
          if (process.listenerCount('uncaughtException') === 0) return;
          clearInterval(wait);
          ${how};
        }, 20);`,
      );
      const command = 'exec $NETSONDE echo --port 0';
      const plain = await shell(command, { NODE_OPTIONS: `--import=${module}` });
      expect(plain).toMatchObject({ code: 3, err: 'netsonde: no luck today\n' });
      const debug = await shell(command, { NODE_OPTIONS: `--import=${module}`, DEBUG: 'true' });
      expect(debug).toMatchObject({
        code: 3,
        err: expect.stringMatching(/^netsonde: no luck today\nError: .*\n +at /),
      });
    }
  });

  test('exits with 3 where a part of the program is missing', async () => {
    const hook = join(folder, 'hook.mjs');
    const register = join(folder, 'register.mjs');
    writeFileSync(
      hook,
      `export async function resolve(name, context, next) {
        if (name === 'commander') throw Object.assign(new Error('Cannot find package commander'), { code: 'ERR_MODULE_NOT_FOUND' });
        return next(name, context);
      }`,
    );
    writeFileSync(register, `import { register } from 'node:module'; register(${JSON.stringify(`file://${hook}`)});`);
    const ended = await shell('exec $NETSONDE doctor', { NODE_OPTIONS: `--import=${register}` });
    expect(ended).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(/^netsonde: a part of this program is missing .*\n$/),
    });
  });
});
