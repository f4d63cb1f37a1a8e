import { once } from 'node:events';
import { openCapture } from '@netsonde/sockets';

/**
 * Captures on one device of the namespace that it is started in, until its standard input ends, and then prints the frames
 * as JSON: `[atNs, base64]` each. It reads nothing before the end: a reader that sleeps on the socket is woken by the
 * kernel between the capture's stamp and the driver's, and so delays the very packet that it watches.
 */
const [device = ''] = process.argv.slice(2);
const capture = openCapture(device);
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
const frames = capture.read().map(({ atNs, bytes }) => [atNs, Buffer.from(bytes).toString('base64')]);
capture.close();
process.stdout.write(JSON.stringify(frames));
