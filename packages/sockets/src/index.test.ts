import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const entry = JSON.stringify(new URL('../dist/index.js', import.meta.url).href);

function node(program: string): unknown {
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString());
}

test('importing the package loads no foreign code, opens nothing and lets the process end', () => {
  const report = node(`
    import { readdirSync } from 'node:fs';
    import { stat } from 'node:fs/promises';
    await stat('/'); // Node starts its own file threads at the first use
    const count = (what) => readdirSync('/proc/self/' + what).length;
    const before = [count('fd'), count('task')];
    await import(${entry});
    const opened = [count('fd') - before[0], count('task') - before[1]];
    const koffi = process.report.getReport().sharedObjects.filter((name) => name.includes('koffi'));
    console.log(JSON.stringify({ koffi, opened }));
  `);
  expect(report).toEqual({ koffi: [], opened: [0, 0] });
});

test('on another platform the package can be imported, and throws not_supported when used', () => {
  const report = node(`
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    const sockets = await import(${entry});
    const failed = await sockets.openEchoEngine().catch((error) => error.message);
    console.log(JSON.stringify({ why: sockets.whyNotSupported(), capabilities: sockets.echoCapabilities(), failed }));
  `);
  const absent = { via: 'absent', reason: 'not_supported', message: expect.stringContaining('darwin') };
  expect(report).toMatchObject({ capabilities: { ipv4: absent, ipv6: absent } });
  expect(report).toMatchObject({
    why: expect.stringContaining('not_supported'),
    failed: expect.stringContaining('not_supported'),
  });
});

test('a process with an idle engine and an idle datagram thread ends, and at once when it is closed', () => {
  const open = `const s = await import(${entry}); await s.openEchoEngine(); await (await s.openUdpSocket({ family: 4 })).close();`;
  expect(node(`${open} console.log('true');`)).toBe(true);
  expect(node(`${open} console.log('true'); process.exit(0);`)).toBe(true);
});
