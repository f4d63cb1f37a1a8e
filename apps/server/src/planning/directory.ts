import type { EverKnown } from './test-rows.ts';

/** Finds the test and probe of a check id, and the address of a target id, for all checks and targets with results. */
export class Directory {
  readonly #checks = new Map<number, { readonly test: number; readonly probe: string }>();
  readonly #targets = new Map<number, { readonly test: number; readonly address: string }>();
  readonly #checksOf = new Map<number, Set<number>>();

  add({ checks, targets }: EverKnown): void {
    for (const { id, test, probe } of checks) {
      this.#checks.set(id, { test, probe });
      const known = this.#checksOf.get(test);
      if (known === undefined) this.#checksOf.set(test, new Set([id]));
      else known.add(id);
    }
    for (const { id, test, address } of targets) this.#targets.set(id, { test, address });
  }

  forgetTest(test: number): void {
    for (const id of this.#checksOf.get(test) ?? []) this.#checks.delete(id);
    this.#checksOf.delete(test);
    for (const [id, target] of this.#targets) if (target.test === test) this.#targets.delete(id);
  }

  /** undefined: the check's test is deleted. */
  check(id: number): { readonly test: number; readonly probe: string } | undefined {
    return this.#checks.get(id);
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
