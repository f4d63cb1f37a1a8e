/**
 * Keeps the schema library from testing whether it may generate code: the page's policy forbids it, and each test
 * would be reported as a violation. Must run before the library's own module is loaded.
 */
export function forbidCodeGeneration(): void {
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
}
