import { whyNotSupported } from '@netsonde/sockets';

/** Whether this host's kernel can be asked for its own times of packets; `Runner.kernelTimed` of probes that use them. */
export const kernelTimes = (): boolean => whyNotSupported() === undefined;
