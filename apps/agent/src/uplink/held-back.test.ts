import { PROTOCOL_MINOR } from '@netsonde/protocol';
import { expect, test } from 'vitest';
import { understoodBy } from './held-back.ts';

const record = (t: string) => ({ json: JSON.stringify({ t, seq: 1 }) });

test('a server of this version understands every kind of record that this agent makes', () => {
  expect(understoodBy(PROTOCOL_MINOR)).toBeNull();
});

test('an older server is not sent a kind of record that a later minor version introduced', () => {
  const understood = understoodBy(3, { run: 1, capture: 4 });
  expect(understood?.(record('run'))).toBe(true);
  expect(understood?.(record('capture'))).toBe(false);
  expect(understoodBy(4, { run: 1, capture: 4 })).toBeNull();
});
