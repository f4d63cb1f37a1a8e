import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { inOwnNamespace, run } from '../test-support.test-namespace.ts';
import type { EchoCapabilities, EchoTrain } from './types.ts';

const NOBODY = 65_534;

/** Runs as `nobody`, from the built files. */
const program = `
import { openEchoEngine } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
const engine = await openEchoEngine();
const trains = [];
for (const address of ['127.0.0.1', '::1']) {
  trains.push(await engine.train({ address, count: 20, intervalMs: 2, timeoutMs: 500, sizeBytes: 56, dscp: 10, ttl: 33 }));
}
await engine.close();
console.log(JSON.stringify({ capabilities: engine.capabilities(), trains }));
`;

function asNobody(): { capabilities: EchoCapabilities; trains: EchoTrain[] } {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
  });
  return JSON.parse(output.toString());
}

inOwnNamespace();

test('user nobody measures through ping sockets with kernel stamps where the group range allows it', () => {
  run(`sysctl -qw net.ipv4.ping_group_range=0\t${NOBODY}`);
  const { capabilities, trains } = asNobody();
  expect(capabilities).toEqual({ ipv4: { via: 'ping-socket' }, ipv6: { via: 'ping-socket' } });
  for (const train of trains) {
    expect(train).toMatchObject({ via: 'ping-socket', sent: 20, received: 20, kernelStamped: 20, replyTtl: 64 });
    expect(train.error).toBeUndefined();
  }
});

test('with a closed group range, user nobody receives the reason and the command that opens it', () => {
  run('sysctl -qw net.ipv4.ping_group_range=1\t0');
  const { capabilities, trains } = asNobody();
  const absent = { via: 'absent', reason: 'not_permitted', remedy: expect.stringContaining('ping_group_range') };
  expect(capabilities).toMatchObject({ ipv4: absent, ipv6: absent });
  for (const train of trains) {
    expect(train).toMatchObject({ sent: 0, received: 0, error: { kind: 'permission', call: 'socket' } });
    expect(train.errorBoundNs).toBeUndefined();
  }
});
