import { catalog } from '@netsonde/probes/catalog';
import { expect, test } from 'vitest';
import { UsageError } from '../terminal.ts';
import { startServer } from './server.ts';

test.each([{ SERVER_PORT: 'x' }, { PING_COUNT: '20000' }, { NETSONDE_DATA: '/dev/null/x' }])(
  'the setting %j is a usage error, wherever the start finds it',
  async (wrong) => {
    await expect(startServer(wrong as NodeJS.ProcessEnv, catalog)).rejects.toThrow(UsageError);
  },
);
