import type { AssignedTarget } from './assignments.ts';
import type { EverKnown } from './test-rows.ts';

/** Finds the test and probe of a check id, and the address of a target id, for all checks and targets with results. */
export class Directory {
  readonly #checks = new Map<number, { readonly test: number; readonly probe: string }>();
  readonly #targets = new Map<number, { readonly test: number } & AssignedTarget>();
  readonly #checksOf = new Map<number, Set<number>>();
  readonly #targetsOf = new Map<number, Set<number>>();

  add({ checks, targets }: EverKnown): void {
    for (const { id, test, probe } of checks) {
      this.#checks.set(id, { test, probe });
      addTo(this.#checksOf, test, id);
    }
    for (const { id, test, address, tag } of targets) {
      this.#targets.set(id, { test, address, tag });
      addTo(this.#targetsOf, test, id);
    }
  }

  forgetTest(test: number): void {
    for (const id of this.#checksOf.get(test) ?? []) this.#checks.delete(id);
    this.#checksOf.delete(test);
    for (const id of this.#targetsOf.get(test) ?? []) this.#targets.delete(id);
    this.#targetsOf.delete(test);
  }

  /** undefined: the check's test is deleted. */
  check(id: number): { readonly test: number; readonly probe: string } | undefined {
    return this.#checks.get(id);
  }

  /** undefined: the target's test is deleted. */
  target(id: number): AssignedTarget | undefined {
    return this.#targets.get(id);
  }

  /** undefined: the target's test is deleted. */
  address(id: number): string | undefined {
    return this.#targets.get(id)?.address;
  }

  /** Checks of a test, or of all tests, including removed ones. */
  checks(test?: number): readonly { readonly check: number; readonly probe: string }[] {
    const ids = test === undefined ? this.#checks.keys() : (this.#checksOf.get(test) ?? []);
    return [...ids].map((check) => ({ check, probe: this.#checks.get(check)?.probe ?? '' }));
  }

  /** Ids of a test's checks, including removed ones. */
  checkIds(test: number): readonly number[] {
    return [...(this.#checksOf.get(test) ?? [])];
  }
}

function addTo(sets: Map<number, Set<number>>, key: number, id: number): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([id]));
  else known.add(id);
}
