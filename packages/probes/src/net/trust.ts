import { X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { RunFailure } from '../contract/context.ts';

/**
 * The authorities that a run trusts: those that Node ships, and those of the option `ca`. Created once per text and
 * cached.
 */
export interface Trust {
  readonly context: SecureContext;
  /** The trusted authorities, by subject; read at first use. */
  anchors(): ReadonlyMap<string, readonly X509Certificate[]>;
}

const MOST_KEPT = 16;
const kept = new Map<string, Trust>();

/**
 * Trust in Node's own roots and, beside them, in the certificates of a PEM text ('' for none): an intermediate in it
 * can end a chain, as in curl.
 * @throws RunFailure with side `agent` when the text cannot be read as certificates.
 */
export function trustIn(ca: string): Trust {
  const known = kept.get(ca);
  if (known !== undefined) return known;
  const made = makeTrust(ca);
  const [oldest] = kept.size < MOST_KEPT ? [] : kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(ca, made);
  return made;
}

function makeTrust(ca: string): Trust {
  const added = splitPem(ca);
  let anchors: ReadonlyMap<string, readonly X509Certificate[]> | null = null;
  try {
    for (const pem of added) new X509Certificate(pem);
    const context = createSecureContext(
      added.length === 0 ? {} : { ca: [...rootCertificates, ...added], allowPartialTrustChain: true },
    );
    return {
      context,
      anchors() {
        anchors ??= bySubject([...rootCertificates, ...added]);
        return anchors;
      },
    };
  } catch (error) {
    throw new RunFailure(
      { cause: 'unsupported', side: 'agent', operation: 'read option ca' },
      `option ca holds no readable certificates (${String(error)}): give PEM texts, one after the other`,
    );
  }
}

/** The certificates of a PEM text, in order. */
export function splitPem(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

function bySubject(pems: readonly string[]): ReadonlyMap<string, readonly X509Certificate[]> {
  const found = new Map<string, X509Certificate[]>();
  for (const pem of pems) {
    const certificate = new X509Certificate(pem);
    const same = found.get(certificate.subject);
    if (same === undefined) found.set(certificate.subject, [certificate]);
    else same.push(certificate);
  }
  return found;
}
