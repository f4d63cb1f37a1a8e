import { clockNs } from '@netsonde/sockets';
import { newLedger, pause } from './ledger.ts';
import { bindDatagrams } from './listening.ts';
import type { Listening, Service } from './service.ts';

/** An NTPv4 server whose clock is off by a known amount. It adds the offset to its time stamps. */
export interface NtpConfig extends Listening {
  readonly kind: 'ntp';
  /** Its clock minus this machine's, ms; negative: behind. */
  readonly offsetMs?: number;
  /** 0 to 16; 2 when absent. */
  readonly stratum?: number;
  readonly rootDelayMs?: number;
  readonly rootDispersionMs?: number;
  /** Leap indicator: 0 none, 1 one second more, 2 one second less, 3 not synchronised. */
  readonly leap?: 0 | 1 | 2 | 3;
  /** The reference identifier: four letters; LABS when absent. */
  readonly referenceId?: string;
  /** Sends this kiss-o'-death (RATE, DENY, RSTR) instead of the time. */
  readonly kiss?: string;
  /** Sets the transmit time this long before the receive time, ms. */
  readonly transmitBeforeMs?: number;
  /** Leaves the transmit time zero. */
  readonly withoutTransmit?: boolean;
  /** Sets the reference time this long after the receive time, ms; 10 s before it when absent. */
  readonly referenceAfterMs?: number;
  /** Time between its receive and transmit stamps, ms. */
  readonly processingMs?: number;
  /** Never answers. */
  readonly silent?: boolean;
  /** Does not answer each n-th request. */
  readonly dropEvery?: number;
  /** Answers with an origin timestamp that no request had. */
  readonly wrongOrigin?: boolean;
}

/** One request; stamps on the server's clock, ms since the epoch. */
export interface NtpSeen {
  readonly version: number;
  readonly mode: number;
  readonly receivedAtMs: number;
  readonly answered: boolean;
}

/** Seconds from 1900 to 1970. Source: RFC 5905 section 6 */
const ERA_OFFSET_S = 2_208_988_800n;

export async function startNtp(config: NtpConfig): Promise<Service> {
  const ledger = newLedger<NtpSeen>();
  const offsetNs = BigInt(Math.round((config.offsetMs ?? 0) * 1e6));
  const readClock = (): bigint => clockNs('realtime') + offsetNs;
  let count = 0;
  const { port, close } = await bindDatagrams(config, async (request, answer) => {
    const receivedNs = readClock();
    if (request.length < 48) return;
    count++;
    const answered = !config.silent && !(config.dropEvery !== undefined && count % config.dropEvery === 0);
    const first = request.readUInt8(0);
    ledger.add({ version: (first >> 3) & 7, mode: first & 7, receivedAtMs: Number(receivedNs) / 1e6, answered });
    if (!answered) return;
    if (config.processingMs !== undefined) await pause(config.processingMs);
    const reply = replyTo(request, config, receivedNs);
    if (config.transmitBeforeMs !== undefined)
      writeTimestamp(reply, 40, receivedNs - BigInt(Math.round(config.transmitBeforeMs * 1e6)));
    else if (!config.withoutTransmit) writeTimestamp(reply, 40, readClock());
    answer(reply);
  });
  return { facts: { kind: 'ntp', port }, seen: ledger.entries, close };
}

/** The reply without its transmit timestamp. Source: RFC 5905 section 7.3 */
function replyTo(request: Buffer, config: NtpConfig, receivedNs: bigint): Buffer {
  const reply = Buffer.alloc(48);
  const isKiss = config.kiss !== undefined;
  const leap = isKiss ? 3 : (config.leap ?? 0);
  const version = (request.readUInt8(0) >> 3) & 7;
  reply[0] = (leap << 6) | (version << 3) | 4;
  reply[1] = isKiss ? 0 : (config.stratum ?? 2);
  reply[2] = request.readUInt8(2);
  reply.writeInt8(-20, 3);
  reply.writeUInt32BE(shortFormat(config.rootDelayMs ?? 0), 4);
  reply.writeUInt32BE(shortFormat(config.rootDispersionMs ?? 0), 8);
  reply.write((config.kiss ?? config.referenceId ?? 'LABS').slice(0, 4), 12, 'latin1');
  writeTimestamp(reply, 16, receivedNs + BigInt(Math.round((config.referenceAfterMs ?? -10_000) * 1e6)));
  request.copy(reply, 24, 40, 48);
  if (config.wrongOrigin) reply[24] = (reply[24] ?? 0) ^ 0xff;
  writeTimestamp(reply, 32, receivedNs);
  return reply;
}

/** NTP short format: seconds in 16.16 bits. */
function shortFormat(ms: number): number {
  return Math.round((ms / 1000) * 65_536) >>> 0;
}

/** NTP timestamp format: seconds since 1900 in 32.32 bits. */
function writeTimestamp(into: Buffer, at: number, epochNs: bigint): void {
  const seconds = epochNs / 1_000_000_000n + ERA_OFFSET_S;
  const fraction = ((epochNs % 1_000_000_000n) << 32n) / 1_000_000_000n;
  into.writeUInt32BE(Number(seconds & 0xffff_ffffn), at);
  into.writeUInt32BE(Number(fraction), at + 4);
}
