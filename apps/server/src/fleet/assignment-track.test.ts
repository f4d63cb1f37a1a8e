import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssignmentTrack } from './assignment-track.ts';

test('an answer to an earlier assignment is no mismatch while the newest is pending', () => {
  const track = new AssignmentTrack(null);
  expect(track.want(1, 'a')).toBe(true);
  expect(track.want(2, 'b')).toBe(true);
  expect(track.inStep).toBe(false);
  expect(track.answered(1, 'a')).toBe('more_to_come');
  expect(track.inStep).toBe(false);
  expect(track.answered(2, 'b')).toBe('in_step');
  expect(track.inStep).toBe(true);
});

test('an assignment is not sent if the agent runs it, and is sent again if another is pending', () => {
  const track = new AssignmentTrack('a');
  expect(track.want(5, 'a')).toBe(false);
  expect(track.inStep).toBe(true);
  expect(track.want(6, 'b')).toBe(true);
  expect(track.want(7, 'a')).toBe(true);
  expect(track.want(7, 'a')).toBe(false);
  expect(track.answered(6, 'b')).toBe('more_to_come');
  expect(track.answered(7, 'a')).toBe('in_step');
});

test('an initial report of what the agent runs does not void pending assignments', () => {
  const track = new AssignmentTrack('a');
  expect(track.want(9, 'b')).toBe(true);
  expect(track.answered(8, 'a')).toBe('more_to_come');
  expect(track.answered(9, 'b')).toBe('in_step');
  expect(track.answered(9, 'b')).toBe('in_step');
});

test('an agent that runs another assignment is detected and sent its own again', () => {
  const track = new AssignmentTrack(null);
  track.want(1, 'a');
  expect(track.answered(1, 'x')).toBe('differs');
  expect(track.inStep).toBe(false);
  expect(track.want(1, 'a')).toBe(true);
  expect(track.answered(1, 'a')).toBe('in_step');
});

test('an agent that obeys its assignments ends in step, whatever the order of changes and answers', async () => {
  const steps = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.constant(null)), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(null, 'a', 'b'), async (script, atFirst) => {
      const track = new AssignmentTrack(atFirst);
      const way: { revision: number; hash: string }[] = [];
      let running: string | null = atFirst;
      let wanted: string | null = null;
      const answer = (): void => {
        const next = way.shift();
        if (next === undefined) return;
        running = next.hash;
        expect(track.answered(next.revision, next.hash)).not.toBe('differs');
      };
      script.forEach((hash, revision) => {
        if (hash === null) answer();
        else {
          wanted = hash;
          if (track.want(revision, hash)) way.push({ revision, hash });
        }
        if (track.inStep) expect(running).toBe(wanted);
      });
      while (way.length > 0) answer();
      expect(running === wanted || wanted === null).toBe(true);
      expect(track.inStep).toBe(wanted !== null);
    }),
  );
});
