import { expect, test } from 'vitest';
import { QueuedOutput } from './output.ts';
import type { Sink } from './sink.ts';

const dropped = (count: number) => `${count} dropped\n`;

/** A reader that takes as many bytes as the test allows. */
function slowReader() {
  let room = 0;
  let fault: Error | null = null;
  let text = '';
  const sink: Sink = {
    write(bytes) {
      if (fault !== null) throw fault;
      const taken = Math.min(room, bytes.length);
      text += new TextDecoder().decode(bytes.subarray(0, taken));
      room -= taken;
      return taken;
    },
    pending: () => 0,
  };
  return {
    output: new QueuedOutput(() => sink),
    read: (bytes: number) => {
      room += bytes;
    },
    fail: (error: Error | null) => {
      fault = error;
    },
    text: () => text,
  };
}

test('what a reader does not take is kept in order, up to 1 MiB; the rest is dropped and counted once it reads again', async () => {
  const { output, read, text } = slowReader();
  const line = (number: number) => `${String(number).padStart(99)}\n`;
  for (let number = 0; number < 20_000; number += 1) output.log(line(number), dropped);
  expect(output.waiting).toBe(true);
  read(150);
  expect(await output.flushed(200)).toBeNull();
  expect(text()).toBe(`${line(0)}${line(1)}`.slice(0, 150));
  read(Number.POSITIVE_INFINITY);
  expect(await output.flushed()).toBeNull();
  const kept = Math.floor((1024 * 1024) / 100);
  const lines = text().split('\n');
  expect(lines).toHaveLength(kept + 2);
  expect(lines.slice(0, kept)).toEqual(Array.from({ length: kept }, (_, number) => String(number).padStart(99)));
  expect(lines.slice(kept)).toEqual([`${20_000 - kept} dropped`, '']);
  output.log('later\n', dropped);
  expect(text().endsWith(' dropped\nlater\n')).toBe(true);
});

test('an answer is never dropped, and its writer hears of an error', async () => {
  const { output, read, fail, text } = slowReader();
  const answer = `${'x'.repeat(3 * 1024 * 1024)}\n`;
  output.write(answer);
  read(Number.POSITIVE_INFINITY);
  expect(await output.flushed()).toBeNull();
  expect(text()).toBe(answer);
  fail(new Error('no space'));
  output.write('more\n');
  expect(await output.flushed()).toEqual(new Error('no space'));
});

test('log lines that a full disk refused are counted once there is room', () => {
  const { output, read, fail, text } = slowReader();
  fail(new Error('no space'));
  for (const line of ['a\n', 'b\n']) output.log(line, dropped);
  fail(null);
  read(Number.POSITIVE_INFINITY);
  output.log('c\n', dropped);
  expect(text()).toBe('2 dropped\nc\n');
});
