import { lookAtServer, serverPlaceFrom } from '@netsonde/agent';
import { expect } from 'vitest';
import { until } from './ground.ts';
import { test } from './meeting.test-support.ts';
import { SEED, seeded } from './seeds.ts';
import { startSlowRelay } from './slow-relay.ts';

/** Agent and server share this machine's clock: the true offset is 0. */
const READINGS = 12;

/** Delays of the two directions, ms. One is much slower; which one depends on the seed. */
function unevenDelays(random: () => number): (direction: 'there' | 'back') => number {
  const slow = random() < 0.5 ? 'there' : 'back';
  return (direction) => (direction === slow ? 60 * random() : 5 * random());
}

test(`the error bound of the clock offset of an agent contains the true offset on an uneven path, seed ${SEED}`, async ({
  here,
  onTestFinished,
}) => {
  const relay = await startSlowRelay(here.server.port, unevenDelays(seeded(SEED)));
  onTestFinished(() => relay.close());
  const { said } = await here.start({ server: `http://127.0.0.1:${relay.port}`, token: await here.server.token() });
  await said(/connected to/);
  const readings = new Map<string, { readonly offset: number; readonly error: number }>();
  const rowOf = () =>
    here.server.config.db
      .selectFrom('agent')
      .select(['clock_offset_ms as offset', 'clock_error_ms as error', 'last_seen_at as at'])
      .executeTakeFirst();
  let reading = false;
  await until(
    'the offset was stored often enough',
    () => {
      if (!reading) {
        reading = true;
        void rowOf().then((row) => {
          reading = false;
          if (row?.offset == null || row.error == null) return;
          readings.set(`${row.at}`, { offset: row.offset, error: row.error });
        });
      }
      return readings.size >= READINGS;
    },
    60_000,
  );
  for (const { offset, error } of readings.values()) expect(Math.abs(offset)).toBeLessThanOrEqual(error);
  expect([...readings.values()].some(({ error }) => error > 2)).toBe(true);
});

test(`the clock difference that doctor shows contains the true offset on an uneven path, seed ${SEED}`, async ({
  here,
  onTestFinished,
}) => {
  const relay = await startSlowRelay(here.server.port, unevenDelays(seeded(SEED + 1)));
  onTestFinished(() => relay.close());
  const place = serverPlaceFrom({}, { server: `http://127.0.0.1:${relay.port}` });
  if (place === null) throw new Error('the options name no server');
  for (let reading = 0; reading < READINGS; reading += 1) {
    const { clockOffsetMs, clockErrorMs } = await lookAtServer(place);
    expect(Math.abs(clockOffsetMs)).toBeLessThanOrEqual(clockErrorMs);
    expect(Number.isInteger(clockErrorMs)).toBe(true);
  }
});
