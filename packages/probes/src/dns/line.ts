import type { StopSignal } from '@netsonde/sockets';
import type { Clock, ResolvedAddress } from '../contract/context.ts';
import type { NetworkFault } from '../contract/network-error.ts';
import type { Json, Span } from '../contract/outcome.ts';
import type { ConnectTiming } from '../net/handshake-time.ts';
import type { Question } from './message.ts';
import type { Asked } from './observation.ts';

/** The parts of a run that a query needs. */
export interface AskContext {
  readonly clock: Clock;
  readonly signal: StopSignal;
  random(): number;
}

/** Where the resolver is. */
export interface Endpoint extends ResolvedAddress {
  readonly port: number;
  /** As written in operations. */
  readonly at: string;
}

/** An open channel to a resolver. It asks one question after the other. */
export interface Line {
  /** @throws the signal's reason, and only that */
  ask(question: Question): Promise<Asked>;
  close(): void;
}

/** The result of opening a line. */
export type Opened = (
  | {
      readonly line: Line;
      readonly setupMs: number;
      /** `kernel` only without TLS, and where the first address connected. */
      readonly setupBy: ConnectTiming;
      /** When the process's clock timed the set-up; empty: the kernel's did. */
      readonly setupDuring: readonly Span[];
      readonly protocol: string | null;
      /** The address that it is connected to. */
      readonly address: string;
    }
  | { readonly line: null; readonly fault: NetworkFault; readonly operation: string }
) & {
  /** The attempts to connect, for details; empty if the only one connected. */
  readonly attempts: readonly Json[];
};

/** A new random id, as hard to guess as the run's random numbers. */
export const randomId = (context: AskContext): number => Math.floor(context.random() * 0x10000);
