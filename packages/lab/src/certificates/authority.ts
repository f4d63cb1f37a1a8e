import { type Certificate, type Identity, type KeyType, makeCertificate, newIdentity } from './certificate.ts';
import { type OcspStatus, ocspResponse } from './ocsp.ts';

const DAY_MS = 86_400_000;

/** What kind of server certificate to issue. */
export interface LeafOptions {
  /** DNS names and addresses that it is valid for; `localhost` and 127.0.0.1 when absent. */
  readonly names?: readonly string[];
  /** Common name of its subject; the first of its names when absent. A certificate without names has only this name. */
  readonly commonName?: string;
  /** Number of intermediates in the chain between root and leaf, where an intermediate signs; 1 when absent. */
  readonly intermediates?: number;
  /** Days from now until it becomes valid; -1 when absent. Fractions count. */
  readonly fromDays?: number;
  /** Days from now until it expires; 30 when absent, negative for an expired one. */
  readonly untilDays?: number;
  /** Who signs: the intermediate (default), the root, the leaf itself, or an authority that no client trusts. */
  readonly signer?: 'intermediate' | 'root' | 'self' | 'stranger';
  readonly keyType?: KeyType;
  /** False: the server does not send the intermediate, so that a client cannot build the chain. */
  readonly sendIntermediate?: boolean;
  /** Status in its stapled OCSP response; none is stapled when absent. */
  readonly staple?: OcspStatus;
}

/** A server certificate with all that a server needs to use it. */
export interface Leaf {
  readonly keyPem: string;
  /** The chain that the server sends: the leaf, and the intermediate where it signed. */
  readonly chainPem: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** DER of the OCSP response to staple. */
  readonly staple: Buffer | undefined;
}

/** A certificate authority made at run time: a root and an intermediate. */
export interface Authority {
  /** The root, for clients to trust. */
  readonly rootPem: string;
  readonly intermediatePem: string;
  /** When the intermediate expires (ms since the epoch, whole seconds): 200 days from now. The root lives longer. */
  readonly intermediateNotAfterMs: number;
  issue(options?: LeafOptions): Leaf;
}

interface Signer {
  readonly identity: Identity;
  readonly certificate: Certificate;
}

/** Makes an authority with new keys. */
export function makeAuthority(): Authority {
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const root = selfSigned('Lab Root', nowMs);
  const stranger = selfSigned('Lab Stranger', nowMs);
  const between = newIdentity('Lab Intermediate');
  const intermediateNotAfterMs = nowMs + 200 * DAY_MS;
  const intermediate: Signer = {
    identity: between,
    certificate: makeCertificate({
      subject: between,
      issuer: root.identity,
      notBeforeMs: nowMs - DAY_MS,
      notAfterMs: intermediateNotAfterMs,
      isAuthority: true,
      names: [],
    }),
  };
  return {
    rootPem: root.certificate.pem,
    intermediatePem: intermediate.certificate.pem,
    intermediateNotAfterMs,
    issue: (options = {}) => issue({ root, intermediate, stranger }, options),
  };
}

function selfSigned(commonName: string, nowMs: number): Signer {
  const identity = newIdentity(commonName);
  const certificate = makeCertificate({
    subject: identity,
    issuer: identity,
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + 3650 * DAY_MS,
    isAuthority: true,
    names: [],
  });
  return { identity, certificate };
}

function issue(signers: { root: Signer; intermediate: Signer; stranger: Signer }, options: LeafOptions): Leaf {
  const names = options.names ?? ['localhost', '127.0.0.1', '::1'];
  const nowMs = Date.now();
  const wholeSeconds = (days: number): number => Math.floor((nowMs + days * DAY_MS) / 1000) * 1000;
  const notAfterMs = wholeSeconds(options.untilDays ?? 30);
  const notBeforeMs = Math.min(wholeSeconds(options.fromDays ?? -1), notAfterMs - DAY_MS / 24);
  const subject = newIdentity(options.commonName ?? names[0] ?? 'lab', options.keyType);
  const signer = options.signer ?? 'intermediate';
  const between = moreIntermediates(signers.intermediate, (options.intermediates ?? 1) - 1);
  const last = between.at(-1) ?? signers.intermediate;
  const issuer = signer === 'self' ? subject : signer === 'intermediate' ? last.identity : signers[signer].identity;
  const certificate = makeCertificate({ subject, issuer, notBeforeMs, notAfterMs, isAuthority: false, names });
  const sendsIntermediate = signer === 'intermediate' && options.sendIntermediate !== false;
  return {
    keyPem: subject.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    chainPem: certificate.pem + (sendsIntermediate ? pems([...between].reverse(), signers.intermediate) : ''),
    notBeforeMs,
    notAfterMs,
    staple: options.staple && ocspResponse(issuer, certificate.serial, options.staple, nowMs),
  };
}

/** Intermediates below the first, each signed by the one before. */
function moreIntermediates(first: Signer, count: number): readonly Signer[] {
  const made: Signer[] = [];
  for (let number = 0; number < count; number++) {
    const above = made.at(-1) ?? first;
    const identity = newIdentity(`Lab Intermediate ${number + 2}`);
    const [notBeforeMs, notAfterMs] = [Date.now() - DAY_MS, Date.now() + 200 * DAY_MS];
    const content = {
      subject: identity,
      issuer: above.identity,
      notBeforeMs,
      notAfterMs,
      isAuthority: true,
      names: [],
    };
    made.push({ identity, certificate: makeCertificate(content) });
  }
  return made;
}

const pems = (lower: readonly Signer[], first: Signer): string =>
  [...lower, first].map(({ certificate }) => certificate.pem).join('');
