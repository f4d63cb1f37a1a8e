/**
 * Keeps the schema library from trying generated code: the page's policy forbids it, and each try would be reported as a
 * violation. Works only before the library's own module is loaded.
 */
export function forbidCodeGeneration(): void {
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
}
