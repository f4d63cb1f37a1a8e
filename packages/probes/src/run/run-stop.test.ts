import { expect, test } from 'vitest';
import { RunStop } from './run-stop.ts';

test('listeners are called once, in order, after the first reason is set', () => {
  const stop = new RunStop();
  const heard: string[] = [];
  const listen = (name: string) => () => heard.push(`${name}: ${stop.reason}`);
  const gone = listen('gone');
  stop.addEventListener('abort', listen('first'));
  stop.addEventListener('abort', gone);
  stop.addEventListener('abort', listen('second'));
  stop.removeEventListener('abort', gone);
  expect([stop.aborted, stop.reason]).toEqual([false, undefined]);
  stop.abort('because');
  stop.abort('again');
  stop.addEventListener('abort', listen('late'));
  expect(heard).toEqual(['first: because', 'second: because']);
  expect([stop.aborted, stop.reason]).toEqual([true, 'because']);
});

test('a listener that an earlier one removes is not called', () => {
  const stop = new RunStop();
  const heard: number[] = [];
  const third = () => heard.push(3);
  stop.addEventListener('abort', () => heard.push(1));
  stop.addEventListener('abort', () => stop.removeEventListener('abort', third));
  stop.addEventListener('abort', third);
  stop.addEventListener('abort', () => heard.push(4));
  stop.abort();
  expect(heard).toEqual([1, 4]);
  expect(stop.reason).toBeInstanceOf(Error);
});
