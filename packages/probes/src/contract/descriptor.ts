import type { z } from 'zod';
import type { MetricDescriptor, SampleDescriptor } from './metric.ts';
import type { MetricValues } from './outcome.ts';
import type { TargetGrammar } from './target.ts';

/** What a probe needs on the agent's host before it can run. */
export const CAPABILITIES = [
  'icmp4',
  'icmp6',
  'kernel_timestamps',
  'tcp_info',
  'udp_error_queue',
  'system_ping',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Upper bound of what one run costs with given options. The load planner and the data budget use it. */
export interface Cost {
  /** Packets sent by the agent. */
  readonly packets: number;
  /** Bytes sent and received, headers included, where they are known in advance. */
  readonly bytes: number;
  /** Bytes of a typical run, where `bytes` is far above it; absent: `bytes`. */
  readonly typicalBytes?: number;
  /** Longest time a run takes, in s: its deadline. */
  readonly seconds: number;
  /** Shortest duration of a run, even if its target answers at once, in s: from its first packet to its last. */
  readonly leastSeconds: number;
  /** The part of `seconds` for resolving the target's name, in s; unused when the target is an address. */
  readonly resolvingSeconds: number;
}

/** Schema of a probe's options: one flat object whose fields all have defaults. */
export type OptionsSchema = z.ZodObject<z.core.$ZodLooseShape>;

/**
 * A probe declared once. Validation, CLI flags, API schema, columns, forms, charts, exporters' names and the reference
 * docs all derive from it. Pure and browser-safe.
 */
export interface ProbeDescriptor<Schema extends OptionsSchema = OptionsSchema> {
  /** Lower-case word, also the CLI's: `icmp`. */
  readonly id: string;
  readonly label: string;
  /** One sentence for lists and help. */
  readonly summary: string;
  readonly target: TargetGrammar;
  /** Each field carries `.meta({ label, description, unit?, flag?, identity?, advanced? })`, see option-field.ts. */
  readonly options: Schema;
  readonly metrics: readonly MetricDescriptor[];
  readonly samples: readonly SampleDescriptor[];
  /** What `instances` of a result are, e.g. "hop"; null where a run measures one thing. */
  readonly instance: { readonly label: string; readonly metrics: readonly MetricDescriptor[] } | null;
  /** The host must offer at least one of each inner list. */
  readonly needs: readonly (readonly Capability[])[];
  readonly cost: (options: z.output<Schema>) => Cost;
  /**
   * Bytes that a run with these options carried, from its metrics; null: the metrics do not show it. Absent: always
   * close to `cost`.
   */
  readonly measuredBytes?: (metrics: MetricValues, options: z.output<Schema>) => number | null;
}

/** The options that a descriptor's schema yields. */
export type OptionsOf<D extends ProbeDescriptor> = z.output<D['options']>;

/** Declares a probe and freezes it, keeping the options' type. */
export function declareProbe<Schema extends OptionsSchema>(
  descriptor: ProbeDescriptor<Schema>,
): ProbeDescriptor<Schema> {
  return Object.freeze(descriptor);
}

/** Descriptors by probe id. All views, checks, stores and exporters derive from it. */
export type Catalog = Readonly<Record<string, ProbeDescriptor>>;
