/** What a probe's target text looks like. `[:port]` forms carry the default port. */
export type TargetGrammar =
  | { readonly form: 'host' }
  | { readonly form: 'host:port' }
  | { readonly form: 'host[:port]'; readonly defaultPort: number }
  | { readonly form: 'name' }
  | { readonly form: 'url' };

/** A target text as one probe understands it. */
export interface Target {
  /** The text as people wrote it. */
  readonly text: string;
  /** Host name or address literal, without brackets; for `name` the DNS name. */
  readonly host: string;
  /** 1 to 65535; absent where the grammar has no port. */
  readonly port?: number;
  /** Present for `url` only. */
  readonly url?: string;
}

/** A target that cannot be one: `field` says which part is wrong, the message what to write instead. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}
