import { expect, test } from 'vitest';
import { measureOwnError } from './own-error.ts';

test('no packet arrives early, and each is found in both captures', async () => {
  const error = await measureOwnError({ path: { forward: { delayMs: 6 }, backward: { delayMs: 9 } } }, 100, 7);
  console.log(`the lab's own error, us: ${JSON.stringify(error)}`);
  expect(error.packets).toBe(200);
  expect(error.wire.min).toBeGreaterThan(0);
  expect(error.taking.min).toBeGreaterThan(0);
  // The clocks that date reading and writing are read one after the other.
  expect(error.releasing.min).toBeGreaterThan(-20);
});
