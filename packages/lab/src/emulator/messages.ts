import type { Path } from '../network/path.ts';

/** What the emulator process is started with. */
export interface EmulatorConfig {
  /** 32 bits. */
  readonly seed: number;
  readonly path: Path;
  /** A process in the services host's namespace. */
  readonly servicesPid: number;
  readonly logFile: string;
  /** The most records kept. */
  readonly logLimit: number;
}

/** What the suite asks of the emulator: one JSON object per line on its standard input. */
export type EmulatorRequest = { id: number; kind: 'set_path'; path: Path } | { id: number; kind: 'flush' };

/** Its answers, one JSON object per line on its standard output; `id` 0 says that it is ready. */
export interface EmulatorReply {
  readonly id: number;
  /** Packets that wait for their time. */
  readonly waiting: number;
  /** Records that the log's bound kept out. */
  readonly recordsDropped: number;
}

/** The devices' name inside both hosts. */
export const DEVICE = 'uplink';
