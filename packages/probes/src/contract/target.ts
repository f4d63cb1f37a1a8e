/** The grammar of a probe's target text. `[:port]` forms carry the default port. */
export type TargetGrammar =
  | { readonly form: 'host' }
  | { readonly form: 'host:port' }
  | { readonly form: 'host[:port]'; readonly defaultPort: number }
  | { readonly form: 'name' }
  | { readonly form: 'url' };

/** A target text as one probe understands it. */
export interface Target {
  /** The text as the user wrote it. */
  readonly text: string;
  /** Host name or address literal, without brackets; for `name` the DNS name. */
  readonly host: string;
  /** 1 to 65535; absent where the grammar has no port. */
  readonly port?: number;
  /** Present for `url` only. */
  readonly url?: string;
}

/** An invalid target: `field` names the wrong part, the message says what to write instead. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}
