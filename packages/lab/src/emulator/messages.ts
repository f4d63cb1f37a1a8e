import type { Path } from '../network/path.ts';

/** The options that the emulator process starts with. */
export interface EmulatorConfig {
  /** 32 bits. */
  readonly seed: number;
  readonly path: Path;
  /** A process in the services host's namespace. */
  readonly servicesPid: number;
  readonly logFile: string;
  /** Maximum number of records. */
  readonly logLimit: number;
}

/** Commands to the emulator: one JSON object per line on its standard input. */
export type EmulatorRequest = { id: number; kind: 'set_path'; path: Path } | { id: number; kind: 'flush' };

/** Its answers, one JSON object per line on its standard output. `id` 0 says that it is ready. */
export interface EmulatorReply {
  readonly id: number;
  /** Packets that wait until they are due. */
  readonly waiting: number;
  /** Records beyond the log's limit, which were not kept. */
  readonly recordsDropped: number;
}

/** The devices' name inside both hosts. */
export const DEVICE = 'uplink';
