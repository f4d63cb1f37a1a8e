import { expect, test } from 'vitest';
import type { Settings } from '../settings/settings.ts';
import { openLog } from './log.ts';

function logged(settings: Pick<Settings, 'debug' | 'logFormat'>): string {
  const lines: string[] = [];
  const log = openLog(settings, (line) => void lines.push(line));
  log.debug('small');
  log.warn({ agent: 3, note: 'a b' }, 'hello');
  log.error({ err: new Error('broken') }, 'it failed');
  return lines.join('');
}

test('readable lines have time, level, text and fields, and an error has its stack', () => {
  const lines = logged({ logFormat: 'readable', debug: false });
  expect(lines).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}hello agent=3 note=a b$/m);
  expect(lines).toMatch(/error it failed\nError: broken\n {4}at /);
  expect(lines).not.toContain('small');
});

test('JSON lines are valid JSON, and DEBUG logs more', () => {
  const lines = logged({ logFormat: 'json', debug: true }).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['small', 'hello', 'it failed']);
});
