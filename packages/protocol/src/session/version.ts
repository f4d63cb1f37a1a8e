/** Major version of the session's protocol: peers of different major versions do not understand each other. */
export const PROTOCOL_VERSION = 1;
/** Minor version: it grows with each addition, and peers of different minor versions work together. */
export const PROTOCOL_MINOR = 1;
/** Minor versions before this one tolerate no addition, so that a session with them could lose records. */
const OLDEST_MINOR = 1;
/** Header of the upgrade request and of its answer: the sender's version, as `1.1`. Peers before 1.1 send none. */
export const PROTOCOL_HEADER = 'netsonde-protocol';
/** This side's version as the header carries it. */
export const PROTOCOL_TEXT = `${PROTOCOL_VERSION}.${PROTOCOL_MINOR}`;

/** The version of the protocol that a peer speaks. */
export interface PeerVersion {
  readonly major: number;
  readonly minor: number;
}

/** Reads the header {@link PROTOCOL_HEADER}. A peer without it, or with something else in it, speaks 1.0. */
export function readPeerVersion(header: string | readonly string[] | undefined): PeerVersion {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(String(header ?? '').trim()) ?? [];
  return major === undefined ? { major: 1, minor: 0 } : { major: Number(major), minor: Number(minor) };
}

/** Why a session with this peer is refused, with the side to update; null where both understand each other. */
export function versionFault({ major, minor }: PeerVersion, peer: 'agent' | 'server'): string | null {
  const self = peer === 'agent' ? 'server' : 'agent';
  const versions = `the ${peer} speaks version ${major}.${minor} of the protocol, this ${self} version ${PROTOCOL_TEXT}`;
  if (major > PROTOCOL_VERSION) return `${versions}: update the ${self}`;
  if (major === PROTOCOL_VERSION && minor >= OLDEST_MINOR) return null;
  const hint = minor === 0 ? ` (or let the proxy between them pass the header ${PROTOCOL_HEADER})` : '';
  return `${versions}: update the ${peer}${hint}`;
}
