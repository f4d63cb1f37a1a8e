import type { Catalog, ProbeDescriptor } from '@netsonde/probes/catalog';
import { testInputSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import type { ProbeDefaults } from '../settings/option-defaults.ts';
import type { Options } from './model.ts';

type Check = Omit<z.output<typeof testInputSchema>['checks'][number], 'options'> & { options: Options };
/** A test as the user submits it, with every check's options complete. */
export type ValidTest = Omit<z.output<typeof testInputSchema>, 'checks'> & { checks: Check[] };

/** The schema of a test's body for a catalog. Checks are a union discriminated by `probe`, each with its probe's options. */
export function testInputFor(catalog: Catalog): z.ZodType<ValidTest> {
  const [first, ...rest] = Object.values(catalog).map(checkInputFor);
  if (first === undefined) throw new Error('the catalog is empty: there is nothing to measure');
  const check = z.discriminatedUnion('probe', [first, ...rest], {
    error: ({ code }) =>
      code === 'invalid_union' ? `unknown probe: it takes ${Object.keys(catalog).join(', ')}` : undefined,
  });
  const checks = z.array(check).min(1).max(100);
  return testInputSchema.extend({ checks }) as unknown as z.ZodType<ValidTest>;
}

function checkInputFor({ id, options }: ProbeDescriptor) {
  const { expectations, interval } = testInputSchema.shape.checks.element.shape;
  return z.strictObject({ probe: z.literal(id), options: options.strict().prefault({}), expectations, interval });
}

/** The catalog with the operator's defaults instead of the probes' own. */
export function withDefaults(catalog: Catalog, defaults: ProbeDefaults): Catalog {
  const changed = Object.entries(defaults).flatMap(([id, values]) => {
    const descriptor = catalog[id];
    return descriptor === undefined ? [] : [[id, changeDefaults(descriptor, values)] as const];
  });
  return Object.freeze({ ...catalog, ...Object.fromEntries(changed) });
}

function changeDefaults(descriptor: ProbeDescriptor, values: Options): ProbeDescriptor {
  const fields = Object.entries(values).map(([name, value]) => {
    const field = descriptor.options.shape[name] as z.ZodType;
    return [name, field.default(value).meta(z.globalRegistry.get(field) ?? {})] as const;
  });
  return Object.freeze({ ...descriptor, options: descriptor.options.safeExtend(Object.fromEntries(fields)) });
}
