/** Bytes of an NTPv4 packet without extension fields. Source: RFC 5905 section 7.3. */
export const PACKET_BYTES = 48;
/** Seconds from the NTP era 0 (1900) to the Unix epoch. Source: RFC 5905 section 6. */
const ERA_OFFSET_S = 2_208_988_800;
const ERA_S = 2 ** 32;
/** Offsets of the server's timestamps. */
const REFERENCE = 16;
const RECEIVE = 32;
const TRANSMIT = 40;

/** The fault of a valid answer: the server sent no time, or impossible times. */
export type HeaderFault = 'no_time' | 'transmit_before_receive' | 'reference_after_transmit';

/** The content of a server's answer. Times in ns since `baseSeconds` (Unix), the axis of the socket's stamps. */
export interface NtpReply {
  readonly leap: number;
  readonly version: number;
  readonly stratum: number;
  readonly rootDelayMs: number;
  readonly rootDispersionMs: number;
  /** Resolution of the server's clock readings, ms. */
  readonly precisionMs: number;
  /** The reference identifier: four letters for stratum 0 (a kiss code) and 1, else four bytes in hex. */
  readonly reference: string;
  /** T2, when the request arrived at the server, by its clock. */
  readonly receivedNs: number;
  /** T3, when the answer left it, by its clock. */
  readonly transmittedNs: number;
  readonly fault: HeaderFault | null;
}

/**
 * A client's request; `nonce` (8 bytes) stands in for the transmit timestamp, so that only a receiver of the request
 * can answer.
 */
export function encodeRequest(nonce: Uint8Array): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES);
  packet[0] = (4 << 3) | 3;
  packet.set(nonce, 40);
  return packet;
}

/** Why bytes are not an answer to a request of ours. */
export type Rejection = 'short' | 'mode' | 'version' | 'origin';

/** Parses an answer and the nonce in it. */
export function decodeAnswer(
  bytes: Uint8Array,
  baseSeconds: number,
): { readonly nonce: string; readonly answer: NtpReply } | Rejection {
  if (bytes.length < PACKET_BYTES) return 'short';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = view.getUint8(0);
  if ((first & 7) !== 4) return 'mode';
  const version = (first >> 3) & 7;
  if (version < 1 || version > 4) return 'version';
  const stratum = view.getUint8(1);
  const receivedNs = timestampNs(view, RECEIVE, baseSeconds);
  const transmittedNs = timestampNs(view, TRANSMIT, baseSeconds);
  return {
    nonce: nonceText(bytes.subarray(24, 32)),
    answer: {
      leap: first >> 6,
      version,
      stratum,
      rootDelayMs: (view.getUint32(4) / 65_536) * 1000,
      rootDispersionMs: (view.getUint32(8) / 65_536) * 1000,
      reference: referenceText(bytes.subarray(12, 16), stratum),
      precisionMs: 1000 * 2 ** view.getInt8(3),
      receivedNs,
      transmittedNs,
      fault: faultOf(view, receivedNs, transmittedNs, baseSeconds),
    },
  };
}

/** Source: RFC 5905 section 6 (zero is an unknown time) and appendix A.5.1.1 (no reference after the transmit time) */
function faultOf(view: DataView, receivedNs: number, transmittedNs: number, baseSeconds: number): HeaderFault | null {
  if (isUnset(view, RECEIVE) || isUnset(view, TRANSMIT)) return 'no_time';
  if (transmittedNs < receivedNs) return 'transmit_before_receive';
  const isReferenceLater = !isUnset(view, REFERENCE) && timestampNs(view, REFERENCE, baseSeconds) > transmittedNs;
  return isReferenceLater ? 'reference_after_transmit' : null;
}

const isUnset = (view: DataView, at: number): boolean => view.getUint32(at) === 0 && view.getUint32(at + 4) === 0;

/** A nonce as a key. */
export const nonceText = (nonce: Uint8Array): string => Buffer.from(nonce).toString('hex');

function referenceText(bytes: Uint8Array, stratum: number): string {
  const text = Buffer.from(bytes);
  return stratum <= 1 ? text.toString('latin1').replace(/[^\x20-\x7e]/g, '') : text.toString('hex');
}

/**
 * A timestamp in ns after `baseSeconds`. NTP's 32 bits of seconds wrap in 2036: the era nearest to the base is chosen
 * (RFC 5905 section 6). The fraction resolves 0.23 ns; the difference to the base stays exact in a double.
 */
function timestampNs(view: DataView, at: number, baseSeconds: number): number {
  const seconds = view.getUint32(at) - ERA_OFFSET_S - baseSeconds;
  const nearest = seconds - Math.round(seconds / ERA_S) * ERA_S;
  return nearest * 1e9 + (view.getUint32(at + 4) / ERA_S) * 1e9;
}
