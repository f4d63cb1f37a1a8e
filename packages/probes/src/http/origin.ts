/** Scheme, host and port of a URL: the key of a connection. */
export interface Origin {
  readonly secure: boolean;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The same for the same origin. */
  readonly key: string;
}

export function originOf(url: URL): Origin {
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { secure, host: url.hostname.replace(/^\[|\]$/g, ''), port, key: url.origin };
}

/** Names of parameters and headers that look like credentials. */
export const CREDENTIAL_NAME = /token|secret|passw|signature|^sig$|^code$|key|session|auth|jwt|credential/i;

/** A URL, absolute or relative, for logs and details, without the values of parameters that look like credentials. */
export function shownUrl(text: string): string {
  if (!text.includes('?')) return text;
  return text.replace(/([?&])([^=&#]*)=([^&#]*)/g, (whole, mark: string, name: string) =>
    CREDENTIAL_NAME.test(name) ? `${mark}${name}=left-out` : whole,
  );
}
