import { defineConfig } from 'vitest/config';

/** Threads are started from compiled files, so a suite that runs from source starts the built ones. */
const threadsFromDist = {
  name: 'threads-from-dist',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (!/\/(packages|apps)\/[^/]+\/src\//.test(id)) return;
    const depth = id.replace(/^.*?\/src\//, '').split('/').length;
    const folder = id
      .replace(/^.*?\/src\//, '')
      .split('/')
      .slice(0, -1)
      .join('/');
    return code.replace(
      /new URL\('\.\/([\w-]+-thread)\.js', import\.meta\.url\)/g,
      (_, name) => `new URL('${'../'.repeat(depth)}dist/${folder ? `${folder}/` : ''}${name}.js', import.meta.url)`,
    );
  },
};

/** `npm run truth` runs the suites that hold figures against captures, alone. */
const TRUTH = process.env.NETSONDE_SUITES === 'truth';
const TRUTH_SUITES = '**/*.truth.test.ts';

export default defineConfig({
  plugins: [threadsFromDist],
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: TRUTH
      ? [TRUTH_SUITES]
      : ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'e2e/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', ...(TRUTH ? [] : [TRUTH_SUITES])],
    globalSetup: ['./vitest.global-setup.ts'],
    pool: 'forks',
    // Suites that end what they begin can share a process: starting one for each file took as long as many a suite.
    isolate: false,
    maxWorkers: TRUTH ? 1 : 3,
    testTimeout: 90_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
