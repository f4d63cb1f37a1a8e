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
      // The channel tells the child when this process is gone, however it went.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  );
  let stopping = false;
  const say = (text) => process.stderr.write(`${text}\n`);
  // A terminal that was closed hears nothing any more: that must not cut short the end.
  process.stderr.on('error', () => {});
  // Ctrl-C reaches the child through the terminal too: it takes signals that come together for one.
  const signals = ['SIGINT', 'SIGTERM'];
  // It ends the child only where the terminal was closed.
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  for (const signal of signals)
    process.on(signal, () => {
      if (!stopping) say('\nNetsonde is stopping ...');
      stopping = true;
      child.kill(signal);
    });
  child.on('exit', (code, signal) => {
    const asked = stopping && signals.includes(signal);
    if (stopping) say(asked || signal === null ? 'Netsonde has stopped.' : `Netsonde was ended by ${signal}.`);
    if (!asked) process.exit(signal === null ? (code ?? 1) : 1);
    // Ends by the signal that it was asked to end by, for shells and supervisors.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
} catch (error) {
  fail(error);
}
