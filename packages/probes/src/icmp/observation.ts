/**
 * A train of echoes as the engine reports it, reduced to what the summary needs, since the pure half does not import
 * the engine. RTTs in ns in sending order, NaN where lost.
 */
export interface Train {
  readonly kind: 'train';
  readonly address: string;
  /** Why this address was chosen; absent where there was no choice. */
  readonly addressReason?: string;
  readonly via?: string;
  readonly rttsNs: Float64Array;
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly late: number;
  readonly reordered: number;
  /** Absent where replies are not compared with what was sent: the system's `ping`. */
  readonly truncated?: number;
  readonly corrupted?: number;
  readonly icmpErrors: number;
  readonly replyTtl?: number;
  readonly kernelStamped: number;
  readonly processStamped: number;
  readonly errorBoundNs?: number;
  readonly localDrops: number;
  readonly lateSends: number;
  readonly error?: {
    readonly kind: 'unreachable' | 'ttl_exceeded' | 'permission' | 'unsupported' | 'local_resource' | 'cancelled';
    readonly call: string;
    readonly message: string;
    readonly offender?: string;
  };
}

/** One echo that was decided while the train still runs; only where the run is followed. NaN: lost. */
export interface Echo {
  readonly kind: 'echo';
  readonly index: number;
  readonly rttNs: number;
}

export type IcmpObservation = Train | Echo;
