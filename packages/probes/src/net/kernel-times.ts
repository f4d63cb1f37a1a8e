import { whyNotSupported } from '@netsonde/sockets';

/** Whether this host's kernel provides packet timestamps; `Runner.kernelTimed` of probes that use them. */
export const kernelTimes = (): boolean => whyNotSupported() === undefined;
