import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Pair, PairFiles } from './pair.ts';
import { type PairWatch, watchPair } from './watch-pair.ts';

let made: string;
let folder: string;
let watch: PairWatch;
const events: string[] = [];

beforeAll(() => {
  made = mkdtempSync(join(tmpdir(), 'netsonde-pairs-'));
  for (const name of ['one', 'two'])
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ...['-subj', `/CN=${name}`, '-keyout', join(made, `${name}.key`), '-out', join(made, `${name}.crt`)],
      ],
      { stdio: 'ignore' },
    );
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-watch-'));
  events.length = 0;
});
afterEach(() => {
  watch.close();
  rmSync(folder, { recursive: true });
});

const pem = (name: string): string => readFileSync(join(made, name), 'latin1');
const pairOf = (name: string): Pair => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) });
const nameOf = ({ cert }: Pair): string => (cert === pem('one.crt') ? 'one' : 'two');

/** Watches the files with an interval, ms, and lists what comes of them. */
function start(files: PairFiles, pauseMs: number): void {
  watch = watchPair(
    files,
    pairOf('one'),
    { taken: (pair) => void events.push(`taken ${nameOf(pair)}`), refused: (why) => void events.push(why) },
    pauseMs,
  );
}

function files(): PairFiles {
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  copyFileSync(join(made, 'one.crt'), certFile);
  copyFileSync(join(made, 'one.key'), keyFile);
  return { certFile, keyFile };
}

test('a pair is taken once both files are new, and a half-written one is reported once, at the second read', async () => {
  const { certFile, keyFile } = files();
  start({ certFile, keyFile }, 20);
  copyFileSync(join(made, 'two.crt'), certFile);
  await expect.poll(() => events).toEqual([expect.stringMatching(/tls\.key: the key is not that of the certificate$/)]);
  copyFileSync(join(made, 'two.key'), keyFile);
  await expect.poll(() => events).toHaveLength(2);
  expect(events[1]).toBe('taken two');
});

test('a check on request reports each bad content once: another key, no PEM, a missing file', async () => {
  const { certFile, keyFile } = files();
  start({ certFile, keyFile }, 3_600_000);
  await watch.check();
  expect(events).toEqual([]);
  copyFileSync(join(made, 'two.key'), keyFile);
  await watch.check();
  await watch.check();
  writeFileSync(keyFile, 'no key');
  await watch.check();
  rmSync(keyFile);
  await watch.check();
  await watch.check();
  expect(events).toEqual([
    expect.stringContaining('the key is not that of the certificate'),
    expect.stringContaining('TLS cannot begin with them'),
    expect.stringContaining('ENOENT'),
  ]);
  copyFileSync(join(made, 'one.key'), keyFile);
  await watch.check();
  expect(events).toHaveLength(3);
});

test('a link that is changed to another folder, as Kubernetes does, is a new pair', async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(join(folder, name));
    copyFileSync(join(made, `${name}.crt`), join(folder, name, 'tls.crt'));
    copyFileSync(join(made, `${name}.key`), join(folder, name, 'tls.key'));
  }
  symlinkSync('one', join(folder, 'current'));
  start({ certFile: join(folder, 'current/tls.crt'), keyFile: join(folder, 'current/tls.key') }, 3_600_000);
  symlinkSync('two', join(folder, 'next'));
  renameSync(join(folder, 'next'), join(folder, 'current'));
  await watch.check();
  expect(events).toEqual(['taken two']);
});
