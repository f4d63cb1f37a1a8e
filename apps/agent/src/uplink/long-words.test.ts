import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { scriptedServer } from '../scripted-server.test-support.ts';

test('whatever a server says, a line of the log about it stays short', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-words-'));
  const server = await scriptedServer(folder, { name: 'n'.repeat(50_000) });
  const agent = await server.agent();
  try {
    await vi.waitFor(() => expect(server.sessions).toBe(1), 10_000);
    server.send({ type: 'refused', epoch: 1, seq: 5, reason: 'r'.repeat(50_000) });
    server.send({ type: 'rejected', code: 'replaced', message: 'm'.repeat(50_000), retry: true });
    await vi.waitFor(() => expect(server.sessions).toBe(2), 10_000);
    server.send({ type: 'x'.repeat(50_000) });
    await vi.waitFor(() => expect(server.sessions).toBe(3), 10_000);
    for (const start of ['connected to', 'the server can never store', 'mmmm', 'the server sent a message'])
      expect(server.lines.filter((line) => line.startsWith(start)).map(({ length }) => length < 1000)).toContain(true);
    expect(server.lines.filter(({ length }) => length > 1000)).toEqual([]);
  } finally {
    await agent.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
