import { type Catalog, type MetricDescriptor, parseTarget } from '@netsonde/probes/catalog';
import { invalid, type WrongField } from '../api/problem.ts';
import type { KnownAgent } from './model.ts';
import type { ValidTest } from './test-input.ts';

const MAX_SERIES = 100_000;
const MAX_FIELDS = 50;
/** A check crosses to its agents in one frame, with room for targets beside it. */
const MAX_CHECK_KIB = 40;

/** Checks what a schema cannot: targets by each check's grammar, expectations by its metrics, agents by who exists. @throws ApiProblem 422 */
export function checkTest(test: ValidTest, catalog: Catalog, agents: ReadonlyMap<number, KnownAgent>): void {
  const wrong = [
    ...wrongTargets(test, catalog),
    ...largeChecks(test),
    ...wrongExpectations(test, catalog),
    ...wrongAgents(test, agents),
  ];
  const series = test.targets.length * test.checks.length;
  if (series > MAX_SERIES)
    wrong.push({ path: 'targets', message: `${series} pairs of target and check: ${MAX_SERIES} at most in one test` });
  if (wrong.length > 0) throw invalid(wrong.slice(0, MAX_FIELDS));
}

function* wrongTargets({ targets, checks }: ValidTest, catalog: Catalog): Generator<WrongField> {
  const probes = [...new Set(checks.map(({ probe }) => probe))];
  const seen = new Set<string>();
  for (const [index, { address }] of targets.entries()) {
    const path = `targets[${index}].address`;
    if (seen.has(address)) yield { path, message: `${JSON.stringify(address.slice(0, 80))} is in the list already` };
    seen.add(address);
    const fault = probes.map((probe) => targetFault(address, probe, catalog)).find((message) => message !== null);
    if (fault !== undefined && fault !== null) yield { path, message: fault };
  }
}

function targetFault(address: string, probe: string, catalog: Catalog): string | null {
  const descriptor = catalog[probe];
  if (descriptor === undefined) return null;
  try {
    parseTarget(descriptor.target, address);
    return null;
  } catch (error) {
    return `${(error as Error).message} (for ${probe})`;
  }
}

function* largeChecks({ checks }: ValidTest): Generator<WrongField> {
  for (const [index, { options, expectations }] of checks.entries())
    if (Buffer.byteLength(JSON.stringify({ options, expectations })) > MAX_CHECK_KIB * 1024)
      yield {
        path: `checks[${index}].options`,
        message: `are larger than the ${MAX_CHECK_KIB} KiB that an agent takes: shorten body, ca or headers`,
      };
}

function* wrongExpectations({ checks }: ValidTest, catalog: Catalog): Generator<WrongField> {
  for (const [index, { probe, expectations }] of checks.entries()) {
    const metrics = catalog[probe]?.metrics ?? [];
    for (const [position, { metric, op, value }] of expectations.entries()) {
      const path = `checks[${index}].expectations[${position}]`;
      const descriptor = metrics.find(({ id }) => id === metric);
      if (descriptor === undefined)
        yield {
          path: `${path}.metric`,
          message: `${probe} has no metric ${metric}: it has ${metrics.map(({ id }) => id).join(', ')}`,
        };
      else if (typeof value !== valueType(descriptor))
        yield { path: `${path}.value`, message: `${metric} is a ${valueType(descriptor)}: compare it with one` };
      else if (typeof value !== 'number' && op !== '==' && op !== '!=')
        yield { path: `${path}.op`, message: `${metric} is a ${typeof value}: use == or !=` };
    }
  }
}

function valueType({ kind }: MetricDescriptor): 'number' | 'boolean' | 'string' {
  switch (kind) {
    case 'float':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'text':
      return 'string';
  }
}

function* wrongAgents(
  { agents: selection }: ValidTest,
  agents: ReadonlyMap<number, KnownAgent>,
): Generator<WrongField> {
  if (selection.by !== 'chosen') return;
  for (const [index, id] of selection.agents.entries()) {
    const agent = agents.get(id);
    if (agent === undefined) yield { path: `agents.agents[${index}]`, message: `there is no agent ${id}` };
    else if (agent.revoked) yield { path: `agents.agents[${index}]`, message: `agent ${agent.name} is revoked` };
  }
}
