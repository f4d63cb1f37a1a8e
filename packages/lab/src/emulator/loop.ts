import { clockNs, pollFds, type Tun } from '@netsonde/sockets';
import type { TravelDirection } from '../network/truth-record.ts';
import type { Carrier } from './carrier.ts';
import type { TruthLog } from './truth-log.ts';

/** The loop polls instead of sleeping this long before a packet is due: a sleep may end this much late. */
const SPIN_NS = 250_000;
/** Where two clock reads are further apart than this, the process was interrupted between them and reads again. */
const CLOCK_GAP_NS = 5_000;
const READS_PER_TURN = 32;
const LARGEST_PACKET = 65_535;

/** The two ends of the path. */
export interface Devices {
  readonly measuring: Tun;
  readonly services: Tun;
}

/** Carries packets between the devices until `onControl` (called when `controlFd` is readable) answers false. */
export function carryPackets(
  devices: Devices,
  carrier: Carrier,
  log: TruthLog,
  controlFd: number,
  onControl: () => boolean,
): void {
  const startNs = clockNs('monotonic');
  const now = (): number => Number(clockNs('monotonic') - startNs);
  const waitFor = [{ fd: devices.measuring.fd }, { fd: devices.services.fd }, { fd: controlFd }];
  const buffer = Buffer.alloc(LARGEST_PACKET);

  const collect = (device: Tun, direction: TravelDirection): void => {
    for (let turn = 0; turn < READS_PER_TURN; turn++) {
      const length = device.read(buffer);
      if (length === 'again') return;
      const { atNs, readAtNs } = bothClocks(now);
      carrier.take(direction, Buffer.from(buffer.subarray(0, length)), atNs, readAtNs);
      release();
    }
  };

  const release = (): void => {
    for (let parcel = carrier.nextDue(now()); parcel !== undefined; parcel = carrier.nextDue(now())) {
      const device = parcel.direction === 'forward' ? devices.services : devices.measuring;
      const written = deliver(device, parcel.bytes);
      const facts = written === undefined ? { ...parcel.facts, fate: 'not_delivered' as const } : parcel.facts;
      log.add(parcel.identity, { ...facts, writtenAtNs: written ?? 0n });
    }
  };

  for (;;) {
    release();
    const dueNs = carrier.nextDueNs;
    const sleepMs = dueNs === undefined ? -1 : Math.max(0, dueNs - now() - SPIN_NS) / 1e6;
    for (const { fd, readable, error } of pollFds(waitFor, sleepMs)) {
      release();
      if (fd === controlFd) {
        if ((readable || error) && !onControl()) return;
      } else if (readable) {
        if (fd === devices.measuring.fd) collect(devices.measuring, 'forward');
        else collect(devices.services, 'backward');
      }
    }
  }
}

/**
 * Writes a packet to a device. Returns the epoch time just before the kernel accepted it, or undefined when it
 * refused.
 */
function deliver(device: Tun, bytes: Buffer): bigint | undefined {
  const atNs = clockNs('realtime');
  try {
    return device.write(bytes, bytes.length) === bytes.length ? atNs : undefined;
  } catch {
    return undefined;
  }
}

/** The same instant on the loop's clock and on the epoch clock. */
function bothClocks(now: () => number): { atNs: number; readAtNs: bigint } {
  for (let attempt = 1; ; attempt++) {
    const atNs = now();
    const readAtNs = clockNs('realtime');
    if (attempt === 5 || now() - atNs < CLOCK_GAP_NS) return { atNs, readAtNs };
  }
}
