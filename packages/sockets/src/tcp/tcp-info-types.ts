import type { fields } from './tcp-info-layout.ts';

type FieldName = (typeof fields)[number][0];

/**
 * The kernel's view of one TCP connection. Units are in the names; a field is absent where this kernel does not give it.
 * `totalRetransmits` read right after the connect counts the retransmitted SYNs. `ssthreshSegments` is absent until a loss sets it,
 * the window scales where the option was not agreed.
 */
export type TcpInfo = { readonly [Name in FieldName]?: number } & {
  readonly windowScaleSend?: number;
  readonly windowScaleReceive?: number;
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly ecnNegotiated: boolean;
  readonly ecnSeen: boolean;
};
