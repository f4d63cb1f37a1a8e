import { randomInt } from 'node:crypto';
import type { Catalog } from '@netsonde/probes/catalog';
import { MAX_TAG } from '@netsonde/protocol';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import { matchChecks } from './match-checks.ts';
import type { PlannedTarget, PlannedTest } from './model.ts';
import { targetKey } from './target-key.ts';
import type { ValidTest } from './test-input.ts';
import type { Timing } from './test-timing.ts';

type Db = Kysely<ConfigSchema>;
const CHUNK = 1000;

/** Inserts a new test and returns its id. Call it inside a transaction. */
export async function insertTest(
  db: Db,
  input: ValidTest,
  timing: Timing,
  created: { at: number; by: string },
): Promise<number> {
  const { id } = await db
    .insertInto('test')
    .values({ ...namesOf(input), ...timing, created_at: created.at, created_by: created.by, deleted_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  await insertTargets(db, id, input.targets);
  await insertChecks(
    db,
    id,
    input.checks.map((check, position) => ({ check, position })),
  );
  return id;
}

/** Writes an edit. Stored checks and targets that remain keep their ids. Call it inside a transaction. */
export async function rewriteTest(
  db: Db,
  catalog: Catalog,
  test: PlannedTest,
  input: ValidTest,
  timing: Timing,
  nowMs: number,
): Promise<void> {
  await db
    .updateTable('test')
    .set({ ...namesOf(input), ...timing })
    .where('id', '=', test.id)
    .execute();
  await rewriteTargets(db, catalog, test, input, nowMs);
  await rewriteChecks(db, catalog, test, input, nowMs);
}

const namesOf = ({ name, description, agents }: ValidTest) => ({
  name,
  description,
  selection: JSON.stringify(agents),
});

/** A target that is spelled differently stays the same target, by its new spelling. */
async function rewriteTargets(db: Db, catalog: Catalog, test: PlannedTest, input: ValidTest, nowMs: number) {
  const standing = new Map(test.targets.map((target) => [target.address, target]));
  const taken = new Map<string, PlannedTarget>();
  for (const { address } of input.targets) {
    const exact = standing.get(address);
    if (exact !== undefined) taken.set(address, exact);
    standing.delete(address);
  }
  const keyOf = (address: string) => targetKey(address, input.checks, catalog);
  const byKey = new Map([...standing.values()].map((target) => [keyOf(target.address), target]));
  const fresh: ValidTest['targets'] = [];
  for (const target of input.targets) {
    const known = taken.get(target.address) ?? byKey.get(keyOf(target.address));
    if (known === undefined) {
      fresh.push(target);
      continue;
    }
    byKey.delete(keyOf(known.address));
    standing.delete(known.address);
    const labels = JSON.stringify(target.labels);
    if (known.address !== target.address || JSON.stringify(known.labels) !== labels)
      await db.updateTable('target').set({ address: target.address, labels }).where('id', '=', known.id).execute();
  }
  for (const { id } of standing.values())
    await db.updateTable('target').set({ removed_at: nowMs }).where('id', '=', id).execute();
  await insertTargets(db, test.id, fresh);
}

async function rewriteChecks(
  db: Db,
  catalog: Catalog,
  test: PlannedTest,
  input: ValidTest,
  nowMs: number,
): Promise<void> {
  const pairs = matchChecks(catalog, test.checks, input.checks);
  const kept = new Set(pairs.map(({ standing }) => standing?.id));
  for (const { id } of test.checks)
    if (!kept.has(id)) await db.updateTable('check').set({ removed_at: nowMs }).where('id', '=', id).execute();
  const placed = pairs.map(({ wanted: check, standing }, position) => ({ check, standing, position }));
  for (const { check, standing, position } of placed)
    if (standing !== undefined)
      await db.updateTable('check').set(checkColumns(check, position)).where('id', '=', standing.id).execute();
  await insertChecks(
    db,
    test.id,
    placed.filter(({ standing }) => standing === undefined),
  );
}

async function insertTargets(db: Db, testId: number, targets: ValidTest['targets']): Promise<void> {
  const rows = targets.map(({ address, labels }) => ({
    test_id: testId,
    address,
    labels: JSON.stringify(labels),
    removed_at: null,
    tag: newTag(),
  }));
  for (const chunk of chunks(rows)) await db.insertInto('target').values(chunk).execute();
}

const newTag = (): number => randomInt(MAX_TAG + 1);

interface PlacedCheck {
  readonly check: ValidTest['checks'][number];
  readonly position: number;
}

async function insertChecks(db: Db, testId: number, placed: readonly PlacedCheck[]): Promise<void> {
  const rows = placed.map(({ check, position }) => ({
    test_id: testId,
    removed_at: null,
    tag: newTag(),
    ...checkColumns(check, position),
  }));
  for (const chunk of chunks(rows)) await db.insertInto('check').values(chunk).execute();
}

const checkColumns = ({ probe, options, expectations, interval }: PlacedCheck['check'], position: number) => ({
  probe,
  options: JSON.stringify(options),
  expectations: JSON.stringify(expectations),
  interval_ms: interval === null ? null : Math.round(interval * 1000),
  position,
});

/** Slices small enough for one statement. */
export function chunks<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / CHUNK) }, (_, index) =>
    rows.slice(index * CHUNK, (index + 1) * CHUNK),
  );
}
