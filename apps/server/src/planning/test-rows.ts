import type { Catalog } from '@netsonde/probes/catalog';
import { agentSelectionSchema, labelsSchema } from '@netsonde/protocol/api';
import type { Kysely, Selectable } from 'kysely';
import type { ConfigSchema } from '../store/config-schema.ts';
import { readCheck } from './check-fault.ts';
import { groupBy } from './group-by.ts';
import type { PlannedCheck, PlannedTarget, PlannedTest } from './model.ts';

type Db = Kysely<ConfigSchema>;

/** A check or target that stands or once stood: results may still belong to it. */
export interface EverKnown {
  readonly checks: readonly { readonly id: number; readonly test: number; readonly probe: string }[];
  readonly targets: readonly {
    readonly id: number;
    readonly test: number;
    readonly address: string;
    readonly tag?: number | null | undefined;
  }[];
}

/** All tests that are not deleted. */
export const loadTests = (db: Db, catalog: Catalog): Promise<readonly PlannedTest[]> => readTests(db, catalog, {});

/** One test. @throws Error where it is gone. */
export async function loadTest(db: Db, catalog: Catalog, id: number): Promise<PlannedTest> {
  const [test] = await readTests(db, catalog, { id });
  if (test === undefined) throw new Error(`test ${id} is gone`);
  return test;
}

async function readTests(db: Db, catalog: Catalog, { id }: { readonly id?: number }): Promise<readonly PlannedTest[]> {
  let tests = db.selectFrom('test').selectAll().where('deleted_at', 'is', null).orderBy('id');
  let targets = db.selectFrom('target').selectAll().where('removed_at', 'is', null).orderBy('id');
  let checks = db.selectFrom('check').selectAll().where('removed_at', 'is', null).orderBy('position');
  if (id !== undefined) {
    tests = tests.where('id', '=', id);
    targets = targets.where('test_id', '=', id);
    checks = checks.where('test_id', '=', id);
  }
  const targetsOf = groupBy(await targets.execute(), ({ test_id }) => test_id);
  const checksOf = groupBy(await checks.execute(), ({ test_id }) => test_id);
  return (await tests.execute()).map((row) =>
    toTest(
      row,
      targetsOf.get(row.id) ?? [],
      (checksOf.get(row.id) ?? []).map((check) => toCheck(check, catalog)),
    ),
  );
}

/** Checks and targets of all tests that are not deleted, removed ones among them. */
export async function loadEverKnown(db: Db): Promise<EverKnown> {
  const checks = await db
    .selectFrom('check')
    .innerJoin('test', 'test.id', 'check.test_id')
    .select(['check.id', 'check.test_id as test', 'check.probe'])
    .where('test.deleted_at', 'is', null)
    .execute();
  const targets = await db
    .selectFrom('target')
    .innerJoin('test', 'test.id', 'target.test_id')
    .select(['target.id', 'target.test_id as test', 'target.address', 'target.tag'])
    .where('test.deleted_at', 'is', null)
    .execute();
  return { checks, targets };
}

function toTest(
  row: Selectable<ConfigSchema['test']>,
  targets: readonly Selectable<ConfigSchema['target']>[],
  checks: readonly PlannedCheck[],
): PlannedTest {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    selection: agentSelectionSchema.parse(JSON.parse(row.selection)),
    intervalMs: row.interval_ms,
    durationMs: row.duration_ms,
    startMs: row.start_at,
    endMs: row.end_at,
    stoppedMs: row.stopped_at,
    createdMs: row.created_at,
    targets: targets.map(toTarget),
    checks,
  };
}

const tagOf = ({ tag }: { readonly tag: number | null }) => (tag === null ? {} : { tag });

const toTarget = ({ id, address, labels, tag }: Selectable<ConfigSchema['target']>): PlannedTarget => ({
  id,
  ...tagOf({ tag }),
  address,
  labels: labelsSchema.parse(JSON.parse(labels)),
});

const toCheck = (row: Selectable<ConfigSchema['check']>, catalog: Catalog): PlannedCheck => ({
  id: row.id,
  ...tagOf(row),
  probe: row.probe,
  ...readCheck(catalog, row.probe, row.options, row.expectations),
  intervalMs: row.interval_ms,
});
