import { expect, it } from 'vitest';
import { agentCommand, isLoopback, listenCommand } from './agent-command.ts';

it('the agent command is one line that can be run', () => {
  expect(agentCommand('https://sonde.example', 'nse1.a.b.c')).toBe(
    'npx netsonde agent --server https://sonde.example --token nse1.a.b.c',
  );
  expect(listenCommand('nse1.a.b.c')).toBe('npx netsonde agent --listen 0.0.0.0:5001 --token nse1.a.b.c');
});

it.each([
  ['http://localhost:5000', true],
  ['http://127.0.0.1:5000/base', true],
  ['http://[::1]:5000', true],
  ['http://192.0.2.7:5000', false],
  ['https://localhost.example', false],
])('%s leads to the host itself: %s', (address, itself) => {
  expect(isLoopback(address)).toBe(itself);
});
