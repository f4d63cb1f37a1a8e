import { type Catalog, normalTarget } from '@netsonde/probes/catalog';

type Probes = readonly { readonly probe: string }[];

/** The same for all ways to write a target that these checks measure alike. */
export function targetKey(address: string, checks: Probes, catalog: Catalog): string {
  const probes = [...new Set(checks.map(({ probe }) => probe))].sort();
  return JSON.stringify(probes.map((probe) => normalText(address, probe, catalog)));
}

/** What a probe does not understand is a target of its own. */
function normalText(address: string, probe: string, catalog: Catalog): string {
  const descriptor = catalog[probe];
  try {
    return descriptor === undefined ? address : normalTarget(descriptor.target, address);
  } catch {
    return address;
  }
}
