import { expect, test } from 'vitest';
import type { StoreError } from '../../store-error.ts';
import { QuestionQueue } from './question-queue.ts';

class Question {
  readonly name: string;
  cancelled: string | null = null;
  constructor(name: string) {
    this.name = name;
  }
  cancel({ code }: StoreError): void {
    this.cancelled = code;
  }
}

/** Takes queries from the queue, and completes each before the next. */
function takeAll(queue: QuestionQueue<Question>): string[] {
  const names: string[] = [];
  for (let next = queue.next(); next !== null; next = queue.next()) {
    names.push(next.question.name);
    queue.done(next.key);
  }
  return names;
}

test('callers take turns, whatever the number of their questions', () => {
  const queue = new QuestionQueue<Question>();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'])
    queue.add(new Question(name), { caller: name.slice(0, 1) });
  expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
});

test('a caller has at most 4 queries running and 20 in progress, and does not delay other callers', () => {
  const queue = new QuestionQueue<Question>();
  for (let i = 0; i < 20; i += 1) queue.add(new Question(`a${i}`), { caller: 'a' });
  expect(() => queue.add(new Question('a20'), { caller: 'a' })).toThrow(expect.objectContaining({ code: 'busy' }));
  const running = Array.from({ length: 4 }, () => queue.next()?.question.name);
  expect(running).toEqual(['a0', 'a1', 'a2', 'a3']);
  expect(queue.next()).toBeNull();
  expect(() => queue.add(new Question('a20'), { caller: 'a' })).toThrow(expect.objectContaining({ code: 'busy' }));
  queue.add(new Question('b0'), { caller: 'b' });
  expect(queue.next()?.question.name).toBe('b0');
  queue.done('a');
  queue.add(new Question('a20'), { caller: 'a' });
  expect(queue.next()?.question.name).toBe('a4');
});

test('the server’s own queries have no limits', () => {
  const queue = new QuestionQueue<Question>();
  for (let i = 0; i < 100; i += 1) queue.add(new Question(`${i}`), { caller: null });
  expect(Array.from({ length: 100 }, () => queue.next()).every((next) => next !== null)).toBe(true);
});

test('a query is cancelled before it begins if its caller has left', () => {
  const queue = new QuestionQueue<Question>();
  const left = new AbortController();
  const [gone, stays] = [new Question('gone'), new Question('stays')];
  queue.add(gone, { caller: 'a', signal: left.signal });
  queue.add(stays, { caller: 'a' });
  left.abort();
  expect(takeAll(queue)).toEqual(['stays']);
  expect([gone.cancelled, stays.cancelled]).toEqual(['cancelled', null]);
});
