import { type Catalog, parseTarget } from '@netsonde/probes/catalog';
import type { WrongField } from '@netsonde/protocol';
import { invalid } from '../api/problem.ts';
import { expectationFault, sizeFault } from './check-fault.ts';
import type { KnownAgent } from './model.ts';
import { targetKey } from './target-key.ts';
import type { ValidTest } from './test-input.ts';

const MAX_SERIES = 100_000;
const MAX_FIELDS = 50;
/** Keeps the end of a test with the longest duration within four-digit years. */
const TOO_FAR_MS = Date.UTC(3000, 0);

/**
 * Validates what a schema cannot: the targets, expectations and agents of a test. @throws ApiProblem 422
 * @param standing addresses that the test has already. Earlier versions stored two spellings of one target as two.
 */
export function checkTest(
  test: ValidTest,
  catalog: Catalog,
  agents: ReadonlyMap<number, KnownAgent>,
  standing: ReadonlySet<string> = new Set(),
): void {
  const wrong = [
    ...wrongTargets(test, catalog, standing),
    ...largeChecks(test),
    ...wrongExpectations(test, catalog),
    ...wrongAgents(test, agents),
    ...wrongStart(test),
  ];
  const series = test.targets.length * test.checks.length;
  if (series > MAX_SERIES)
    wrong.push({ path: 'targets', message: `${series} pairs of target and check: ${MAX_SERIES} at most in one test` });
  if (wrong.length > 0) throw invalid(wrong.slice(0, MAX_FIELDS));
}

function* wrongTargets(
  { targets, checks }: ValidTest,
  catalog: Catalog,
  standing: ReadonlySet<string>,
): Generator<WrongField> {
  const probes = [...new Set(checks.map(({ probe }) => probe))];
  const seen = new Map<string, string>();
  for (const [index, { address }] of targets.entries()) {
    const path = `targets[${index}].address`;
    const key = targetKey(address, checks, catalog);
    const other = seen.get(key);
    if (other === address) yield { path, message: `${quote(address)} is in the list already` };
    else if (other !== undefined && !(standing.has(other) && standing.has(address)))
      yield { path, message: `${quote(address)} is in the list already, as ${quote(other)}` };
    seen.set(key, address);
    const fault = probes.map((probe) => targetFault(address, probe, catalog)).find((message) => message !== null);
    if (fault !== undefined && fault !== null) yield { path, message: fault };
  }
}

const quote = (address: string): string => JSON.stringify(address.slice(0, 80));

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

function* wrongStart({ startAt }: ValidTest): Generator<WrongField> {
  if (typeof startAt === 'string' && Date.parse(startAt) >= TOO_FAR_MS)
    yield { path: 'startAt', message: 'is too far away: choose an instant before the year 3000' };
}

function* largeChecks({ checks }: ValidTest): Generator<WrongField> {
  for (const [index, check] of checks.entries()) {
    const message = sizeFault(check);
    if (message !== null) yield { path: `checks[${index}].options`, message };
  }
}

function* wrongExpectations({ checks }: ValidTest, catalog: Catalog): Generator<WrongField> {
  for (const [index, { probe, expectations }] of checks.entries())
    for (const [position, expectation] of expectations.entries()) {
      const fault = expectationFault(probe, catalog[probe]?.metrics ?? [], expectation);
      if (fault !== null)
        yield { path: `checks[${index}].expectations[${position}].${fault.field}`, message: fault.message };
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
