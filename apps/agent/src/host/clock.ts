import { uptime } from 'node:os';
import { type Clock, systemClock } from '@netsonde/probes/runtime';
import type { ScheduleClock } from '../schedule/wall-watch.ts';

/** The clocks of this process and its host. */
export const processClock: Clock & ScheduleClock = Object.freeze({
  ...systemClock,
  uptimeMs: () => uptime() * 1000,
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
});
