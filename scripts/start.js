import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setUp } from './setup.js';
import { fail, root } from './steps.js';

/** `npm start`: installs and builds what is needed, then runs server, agent and starter test in one go. */
try {
  await setUp();
  const child = spawn(
    process.execPath,
    [join(root, 'apps', 'cli', 'bin', 'netsonde.js'), 'up', ...process.argv.slice(2)],
    {
      stdio: 'inherit',
    },
  );
  // Ctrl-C reaches the child through the terminal; a signal sent to us alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
} catch (error) {
  fail(error);
}
