import { once } from 'node:events';
import { openCapture } from '@netsonde/sockets';

/**
 * Captures on one device of its namespace until its standard input ends, then prints the frames as JSON: `[atNs,
 * base64]` each. It reads nothing before the end. The kernel wakes a reader that sleeps on the socket between the
 * capture's stamp and the driver's, which would delay the very packet that it observes.
 */
const [device = ''] = process.argv.slice(2);
const capture = openCapture(device);
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
const frames = capture.read().map(({ atNs, bytes }) => [atNs, Buffer.from(bytes).toString('base64')]);
capture.close();
process.stdout.write(JSON.stringify(frames));
