import type { X509Certificate } from 'node:crypto';

/** The result of following a chain. */
export interface ChainCheck {
  /** From the server's certificate up to the last issuer known; up to a trusted root when the chain is valid. */
  readonly path: readonly X509Certificate[];
  /** OpenSSL's code for the fault; null when the chain is valid. */
  readonly fault: string | null;
}

/** As many as OpenSSL follows. */
const MOST_CERTIFICATES = 100;
/**
 * Limit on candidate issuers: a server can send many certificates with one name and key id, and each could be the
 * issuer until its key is tried.
 */
const MOST_SIGNATURES = 128;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * Follows a server's certificate from issuer to issuer up to a trusted root, with each signature and each date checked.
 * Constraints on names and path lengths are left to OpenSSL.
 * Source: RFC 5280 section 6.1.3 (a-1 signature, a-2 dates, a-4 issuer), section 4.2.1.12 (purpose)
 */
export function checkChain(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  anchors: ReadonlyMap<string, readonly X509Certificate[]>,
  nowMs: number,
): ChainCheck {
  const path = [leaf];
  const signatures = { left: MOST_SIGNATURES };
  let fault = purposeFault(leaf) ?? datesFault(leaf, nowMs);
  for (let current = leaf; path.length <= MOST_CERTIFICATES; ) {
    if (anchors.get(current.subject)?.some((anchor) => anchor.fingerprint256 === current.fingerprint256))
      return { path, fault };
    const issuer = issuerOf(current, [...(anchors.get(current.issuer) ?? []), ...sent], nowMs, signatures);
    if (signatures.left < 0) break;
    if (issuer === undefined) return { path, fault: fault ?? orphanFault(current, path.length) };
    path.push(issuer);
    fault ??= datesFault(issuer, nowMs);
    current = issuer;
  }
  return { path, fault: fault ?? 'CERT_CHAIN_TOO_LONG' };
}

/** Of several with the issuer's name and key, prefers one that is valid now. */
function issuerOf(
  of: X509Certificate,
  among: readonly X509Certificate[],
  nowMs: number,
  signatures: { left: number },
): X509Certificate | undefined {
  let outdated: X509Certificate | undefined;
  for (const issuer of among) {
    if (issuer.fingerprint256 === of.fingerprint256 || !issuer.ca || !of.checkIssued(issuer)) continue;
    signatures.left -= 1;
    if (signatures.left < 0) return undefined;
    if (!of.verify(issuer.publicKey)) continue;
    if (datesFault(issuer, nowMs) === null) return issuer;
    outdated ??= issuer;
  }
  return outdated;
}

function datesFault({ validFrom, validTo }: X509Certificate, nowMs: number): string | null {
  if (nowMs < Date.parse(validFrom)) return 'CERT_NOT_YET_VALID';
  return nowMs > Date.parse(validTo) ? 'CERT_HAS_EXPIRED' : null;
}

/** Node calls the extended key usage `keyUsage`; a certificate without it is valid for every purpose. */
function purposeFault(leaf: X509Certificate): string | null {
  const usage: readonly string[] | undefined = leaf.keyUsage;
  return usage === undefined || usage.length === 0 || usage.includes(SERVER_AUTH) ? null : 'INVALID_PURPOSE';
}

function orphanFault(last: X509Certificate, depth: number): string {
  if (last.subject === last.issuer) return depth === 1 ? 'DEPTH_ZERO_SELF_SIGNED_CERT' : 'SELF_SIGNED_CERT_IN_CHAIN';
  return depth === 1 ? 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' : 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
}
