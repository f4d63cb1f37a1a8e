import { type Catalog, optionFields } from '@netsonde/probes/catalog';
import { groupBy } from './group-by.ts';
import type { Options, PlannedCheck } from './model.ts';

/** The identity of a check's series: its probe and the options that change what it measures. */
export function identityOf(catalog: Catalog, probe: string, options: Options): string {
  const descriptor = catalog[probe];
  const fields = descriptor === undefined ? [] : optionFields(descriptor.options);
  const parts = fields.filter(({ identity }) => identity !== false).map(({ name }) => [name, options[name] ?? null]);
  return JSON.stringify([probe, parts]);
}

/** Pairs the checks of an edit with the stored ones: same identity, same id. A check without a partner is new. */
export function matchChecks<Wanted extends { readonly probe: string; readonly options: Options }>(
  catalog: Catalog,
  standing: readonly PlannedCheck[],
  wanted: readonly Wanted[],
): readonly { readonly wanted: Wanted; readonly standing: PlannedCheck | undefined }[] {
  const free = groupBy(standing, ({ probe, options }) => identityOf(catalog, probe, options));
  return wanted.map((check) => ({
    wanted: check,
    standing: free.get(identityOf(catalog, check.probe, check.options))?.shift(),
  }));
}
