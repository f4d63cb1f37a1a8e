import { measureOwnError } from './network/own-error.ts';

/** Prints the lab's own error: `node packages/lab/dist/own-error-main.js`. */
const path = { forward: { delayMs: 10 }, backward: { delayMs: 10 } };
const error = await measureOwnError({ path });
console.log(JSON.stringify({ figure: 'lab_own_error_us', delayMs: 10, ...error }));
