import { expect, test } from 'vitest';
import { RunStop } from './run-stop.ts';

test('listeners are called once, in order, with the first reason in place', () => {
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

test('a listener may take others off while it is called', () => {
  const stop = new RunStop();
  const heard: number[] = [];
  stop.addEventListener('abort', () => heard.push(1));
  stop.addEventListener('abort', () => stop.removeEventListener('abort', () => {}));
  stop.addEventListener('abort', () => heard.push(2));
  stop.abort();
  expect(heard).toEqual([1, 2]);
  expect(stop.reason).toBeInstanceOf(Error);
});
