import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { until } from './ground.ts';
import { test } from './meeting.test-support.ts';

interface Call {
  readonly at: number;
  readonly name: string;
  readonly fd: number;
  readonly text: string;
}

/** System calls in order of completion, as strace logged them. */
function readTrace(path: string): Call[] {
  const calls: Call[] = [];
  const begun = new Map<string, string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, pid = '', at = '', rest = ''] = /^(\d+)\s+(\d+\.\d+) (.*)$/.exec(line) ?? [];
    const [, resumed] = /^<\.\.\. (\w+) resumed>/.exec(rest) ?? [];
    if (rest.includes('<unfinished')) {
      begun.set(pid, rest);
      continue;
    }
    const text = resumed === undefined ? rest : (begun.get(pid) ?? '') + rest;
    const [, name = '', fd = ''] = /^(\w+)\((\d+)/.exec(text) ?? [];
    if (name !== '') calls.push({ at: Number(at) * 1000, name, fd: Number(fd), text });
  }
  return calls;
}

test('each record is written and synced before the server receives it', async ({ here }) => {
  const { ground, server } = here;
  const { kept } = ground;
  const seen = new Map<number, number>();
  const ingest = kept.ingest.bind(kept);
  kept.ingest = async (intake) => {
    const now = Date.now() + 1;
    const report = await ingest(intake);
    for (const [from, to] of report.stored) for (let seq = from; seq <= to; seq++) seen.set(seq, seen.get(seq) ?? now);
    return report;
  };
  server.assign([ground.check(1, 200, 3, Date.now() + 3000)]);
  const trace = join(ground.folder, 'trace');
  const agent = await here.startProcess(
    { token: await server.token() },
    { wrapper: ['strace', '-f', '-ttt', '-s', '100000', '-e', 'trace=pwrite64,fdatasync', '-o', trace] },
  );
  await until('records are stored', () => seen.size > 30, 40_000);
  await agent.kill();
  const calls = readTrace(trace);
  let checked = 0;
  for (const [seq, seenMs] of seen) {
    const written = calls.findIndex(({ name, text }) => name === 'pwrite64' && text.includes(`{\\"seq\\":${seq},`));
    expect(written, `record ${seq} was written`).toBeGreaterThanOrEqual(0);
    const { fd } = calls[written] as Call;
    const synced = calls.slice(written).find((call) => call.name === 'fdatasync' && call.fd === fd);
    expect(synced?.at, `record ${seq} was synced before ${seenMs}`).toBeLessThanOrEqual(seenMs);
    checked += 1;
  }
  expect(checked).toBeGreaterThan(30);
}, 90_000);
