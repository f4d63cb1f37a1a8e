import { type Catalog, catalog as wholeCatalog } from '@netsonde/probes/catalog';
import { runners as allRunners, type Runners } from '@netsonde/probes/runtime';
import { runWith } from './index.ts';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line as a user would, with stdout and stderr kept apart. */
export async function netsonde(
  args: readonly string[],
  {
    env = {},
    catalog = wholeCatalog,
    runners = allRunners,
    signal = new AbortController().signal,
  }: {
    readonly env?: NodeJS.ProcessEnv;
    readonly catalog?: Catalog;
    readonly runners?: Runners;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await runWith(args, {
    catalog,
    loadRunners: async () => runners,
    env,
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      interactive: false,
      signal,
      onReload: () => {},
    },
  });
  return { code, out, err };
}
