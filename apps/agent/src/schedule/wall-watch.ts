/** The clocks that the scheduler uses. */
export interface ScheduleClock {
  /** Epoch ms; may step. */
  wallMs(): number;
  /** ms that do not advance while the host is suspended. */
  monotonicMs(): number;
  /** ms since boot that also advance while the host is suspended; null where the platform has no such clock. */
  uptimeMs(): number | null;
  /** ms of processor time that this process has used; absent where the platform does not tell. */
  cpuMs?(): number;
}

/** What happened between two checks of the clocks. */
export interface ClockChange {
  readonly nowMs: number;
  /** How much further the wall clock moved than the time that passed, ms; 0 when it did not step. */
  readonly steppedMs: number;
  /** The host slept, or the process was stopped: nothing could run. A process that was busy with itself was not off. */
  readonly wasOff: boolean;
}

/** A step is a change of wall against monotonic time of at least this much, ms. The grid absorbs less. */
const STEP_MS = 500;
/** A check later than this after the previous one means that the process was stalled, ms. */
const STALLED_MS = 5000;

/** A process that used this share of the time on a processor was busy, not stopped. */
const BUSY_SHARE = 0.5;

/** Compares the wall clock with the monotonic one at each check. */
export class WallWatch {
  readonly #clock: ScheduleClock;
  #wall: number;
  #monotonic: number;
  /** ms that the host was suspended since boot, at the last check. */
  #suspended: number;
  #cpu: number;

  constructor(clock: ScheduleClock) {
    this.#clock = clock;
    this.#wall = clock.wallMs();
    this.#monotonic = clock.monotonicMs();
    this.#suspended = this.#suspendedMs();
    this.#cpu = clock.cpuMs?.() ?? 0;
  }

  read(): ClockChange {
    const wall = this.#clock.wallMs();
    const monotonic = this.#clock.monotonicMs();
    const passed = monotonic - this.#monotonic;
    const beyond = wall - this.#wall - passed;
    const wasOff = passed > STALLED_MS && !this.#wasBusy(passed);
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#cpu = this.#clock.cpuMs?.() ?? 0;
    if (Math.abs(beyond) < STEP_MS) return { nowMs: wall, steppedMs: 0, wasOff };
    const suspended = this.#suspendedMs();
    const slept = suspended - this.#suspended;
    this.#suspended = suspended;
    const asleep = slept > STEP_MS && slept >= beyond - STEP_MS;
    return { nowMs: wall, steppedMs: asleep ? 0 : beyond, wasOff: asleep || wasOff };
  }

  /** Whether the process was at work in most of the time since the last check. */
  #wasBusy(passedMs: number): boolean {
    const cpu = this.#clock.cpuMs?.() ?? 0;
    return cpu - this.#cpu >= passedMs * BUSY_SHARE;
  }

  #suspendedMs(): number {
    const uptime = this.#clock.uptimeMs();
    return uptime === null ? 0 : uptime - this.#clock.monotonicMs();
  }
}
