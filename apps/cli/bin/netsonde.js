#!/usr/bin/env node
import { writeSync } from 'node:fs';

// Parts are loaded here, not with static imports: what fails while they load must still end with one line and code 3.
try {
  const { endOnOwnFailures, endWith } = await import('../dist/own-failure.js');
  endOnOwnFailures();
  try {
    const { main } = await import('../dist/index.js');
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    endWith(error);
  }
} catch (error) {
  writeSync(2, `netsonde: ${String(error?.message ?? error).split('\n')[0]}\n`);
  process.exit(3);
}
