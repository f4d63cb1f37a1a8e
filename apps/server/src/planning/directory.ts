import type { EverKnown } from './test-rows.ts';

/** Which test and probe a check id means, and which address a target id: for everything that results can belong to. */
export class Directory {
  readonly #checks = new Map<number, { readonly test: number; readonly probe: string }>();
  readonly #targets = new Map<number, { readonly test: number; readonly address: string }>();

  add({ checks, targets }: EverKnown): void {
    for (const { id, test, probe } of checks) this.#checks.set(id, { test, probe });
    for (const { id, test, address } of targets) this.#targets.set(id, { test, address });
  }

  forgetTest(test: number): void {
    for (const [id, check] of this.#checks) if (check.test === test) this.#checks.delete(id);
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

  /** Checks of a test, or of all tests; removed ones among them. */
  checks(test?: number): readonly { readonly check: number; readonly probe: string }[] {
    return [...this.#checks].flatMap(([check, known]) =>
      test === undefined || known.test === test ? [{ check, probe: known.probe }] : [],
    );
  }
}
