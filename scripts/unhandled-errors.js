import { appendFileSync } from 'node:fs';

/** A reporter for Vitest that keeps errors which belong to no test, one line each, in the file of NETSONDE_UNHANDLED. */
// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by it.
export default class UnhandledErrors {
  onTestRunEnd(_modules, errors) {
    for (const { message } of errors)
      appendFileSync(process.env.NETSONDE_UNHANDLED, `${String(message).split('\n')[0]}\n`);
  }
}
