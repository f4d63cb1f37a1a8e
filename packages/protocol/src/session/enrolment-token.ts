/** An enrolment token as people copy it: names the token, proves the right to enrol, and pins the server's key. */
export interface EnrolmentToken {
  readonly id: string;
  readonly secret: string;
  /** SHA-256 of the server's raw Ed25519 public key, base64url. */
  readonly serverFingerprint: string;
}

const FORM = /^nse1\.([\w-]{8,32})\.([\w-]{32,64})\.([\w-]{43})$/;

export function formatEnrolmentToken({ id, secret, serverFingerprint }: EnrolmentToken): string {
  return `nse1.${id}.${secret}.${serverFingerprint}`;
}

/** @throws Error that says what a token looks like; the text itself is not repeated, since it may be a secret. */
export function parseEnrolmentToken(text: string): EnrolmentToken {
  const match = FORM.exec(text.trim());
  const [, id, secret, serverFingerprint] = match ?? [];
  if (id === undefined || secret === undefined || serverFingerprint === undefined)
    throw new Error(`--token: ${whatIsWrong(text.trim())} make one with: netsonde token create --agent`);
  return { id, secret, serverFingerprint };
}

const whatIsWrong = (text: string): string =>
  text.startsWith('nse1.')
    ? 'this enrolment token is incomplete or has other characters in it; copy the whole of it, or'
    : 'this is no enrolment token (they begin with "nse1."):';
