import type { IpFamily } from '../kernel/ip-address.ts';
import type { StopSignal } from '../stop-signal.ts';

/** A train of ICMP echoes to one address. */
export interface EchoRequest {
  /** A literal IPv4 or IPv6 unicast address, with a zone for link-local ones (`fe80::1%eth0`). */
  readonly address: string;
  /** Echoes to send, 1 to 65,000. */
  readonly count: number;
  /** From one send to the next in milliseconds, 0 (a burst) or more. */
  readonly intervalMs: number;
  /** How long an echo may take, in milliseconds, more than 0; an answer after that is late, and the echo lost. */
  readonly timeoutMs: number;
  /** Bytes of ICMP payload, 0 to 65,000. An answer with less than 12 bytes is recognised by id, sequence and address only. */
  readonly sizeBytes: number;
  /** DSCP to send with, 0 to 63; absent: the host's default. */
  readonly dscp?: number;
  /** TTL or hop limit to send with, 1 to 255; absent: the host's default. */
  readonly ttl?: number;
  /**
   * How long to wait for duplicates once each echo is answered or timed out, in milliseconds.
   * Absent: twice the largest RTT of the train, at least 5 ms, at most the timeout.
   */
  readonly lingerMs?: number;
}

/** Why echoes could not be sent or were answered by ICMP errors: the first such event of a train. */
export interface EchoError {
  /** `unreachable` and `ttl_exceeded` are answers of the network, the others are this host's. */
  readonly kind: 'unreachable' | 'ttl_exceeded' | 'permission' | 'unsupported' | 'local_resource' | 'cancelled';
  /** The call that failed, or `icmp` for an ICMP error that a host or router sent. */
  readonly call: string;
  /** The target's address. */
  readonly address: string;
  /** Symbolic errno as the kernel maps it, such as `EHOSTUNREACH`. */
  readonly code?: string;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  /** The host or router that sent the ICMP error. */
  readonly offender?: string;
  /** What was wrong and what would fix it, in words. */
  readonly message: string;
}

/** The result of a train. */
export interface EchoTrain {
  readonly address: string;
  readonly family: IpFamily;
  /** Which kind of socket carried it; absent if none could. */
  readonly via?: EchoVia;
  /** Round-trip times in nanoseconds in sending order, one for each echo tried; NaN for one that was lost or refused. */
  readonly rttsNs: Float64Array;
  /** Echoes that the kernel accepted. */
  readonly sent: number;
  /** Echoes answered within the timeout. */
  readonly received: number;
  /** Further answers to echoes that had been answered already. */
  readonly duplicates: number;
  /** First answers received after the timeout while the train was still open; their echoes count as lost. */
  readonly late: number;
  /** Answers in time that were received after the answer to an echo sent later. */
  readonly reordered: number;
  /** Answers in time with less payload than was sent; they count as received. Absent for the system's `ping`. */
  readonly truncated?: number;
  /** Answers in time whose payload differs from what was sent, or is longer; they count as received. Absent likewise. */
  readonly corrupted?: number;
  /** Echoes answered by an ICMP error. */
  readonly icmpErrors: number;
  /** TTL or hop limit of the last answer; absent if there was none. */
  readonly replyTtl?: number;
  /** RTTs that are the difference of two kernel stamps. */
  readonly kernelStamped: number;
  /** RTTs from the process's monotonic clock, because a stamp was missing or the wall clock was set meanwhile. */
  readonly processStamped: number;
  /**
   * How far an RTT of this train can be from the wire, in nanoseconds, as far as this host can know. Between two kernel
   * stamps: what this host's own stack needs for a whole echo to itself (the largest of sixteen over loopback, measured
   * when the engine opened) plus 500 ppm of the largest RTT, the most that Linux lets a clock run fast or slow. Stamped
   * by the process: the RTT itself, since it holds an unknown share of waiting for the processor. It does not include
   * an interrupt between a stamp and the wire: at least 95 of 100 RTTs between kernel stamps are within it. Absent
   * without any RTT, and for kernel stamps where loopback is down.
   */
  readonly errorBoundNs?: number;
  /** Packets that this host dropped on the shared socket during the train, because it read too slowly. */
  readonly localDrops: number;
  /** Sends that found the process more than 10 ms late. */
  readonly lateSends: number;
  /**
   * Most echoes, of all trains, that were sent in one pass with one of this train's; absent for the system's `ping`.
   */
  readonly largestBurst?: number;
  readonly error?: EchoError;
}

/** The kind of socket: an unprivileged ping socket, a raw one, or the system's `ping` program. */
export type EchoVia = 'ping-socket' | 'raw' | 'ping-command';

/** Whether a family can be measured, by which kind of socket, or why not and what would fix it. */
export type EchoCapability =
  | { readonly via: EchoVia }
  | {
      readonly via: 'absent';
      readonly reason: 'not_permitted' | 'not_supported';
      readonly message: string;
      /** The command that fixes it, where there is one. */
      readonly remedy?: string;
    };

/** What this host can send, by family. */
export interface EchoCapabilities {
  readonly ipv4: EchoCapability;
  readonly ipv6: EchoCapability;
}

/** One echo that was decided, while its train is still running. */
export interface EchoProgress {
  /** Place in sending order, from 0. */
  readonly index: number;
  /** NaN for an echo that was refused, was answered by an error or late. One that stays silent is never reported. */
  readonly rttNs: number;
}

/** How a train is followed and ended early. */
export interface EchoControl {
  /** Ends the train at once; what was measured so far is returned with an error of kind `cancelled`. */
  readonly signal?: StopSignal;
  /** Called with the echoes decided since the last call, at most about ten times a second. */
  readonly onProgress?: (observations: readonly EchoProgress[]) => void;
}
