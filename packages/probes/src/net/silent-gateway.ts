import { readFileSync } from 'node:fs';

const COMPLETE = 0x2;

/**
 * The gateway towards an IPv4 address when it has just failed to answer ARP; null when there is none, when it answers, or
 * where nobody can tell (IPv6, other systems than Linux). Ask only after a failure: a host's own gateway that is gone
 * must not count as a target that is down.
 */
export function silentGateway(address: string): string | null {
  const target = numberOf(address);
  if (target === null) return null;
  try {
    const gateway = gatewayTo(target, readFileSync('/proc/net/route', 'latin1'));
    if (gateway === null) return null;
    return isUnanswered(gateway, readFileSync('/proc/net/arp', 'latin1')) ? gateway : null;
  } catch {
    return null;
  }
}

/** The gateway of the most specific route, of `/proc/net/route`; null for an address on the link. */
export function gatewayTo(target: number, table: string): string | null {
  let best = { mask: -1, metric: 0, gateway: 0 };
  for (const line of table.trim().split('\n').slice(1)) {
    const [, destination = '', via = '', , , , metric = '', netmask = ''] = line.split('\t');
    const mask = fromHostOrder(netmask);
    if ((target & mask) >>> 0 !== fromHostOrder(destination)) continue;
    const route = { mask, metric: Number(metric), gateway: fromHostOrder(via) };
    if (route.mask > best.mask || (route.mask === best.mask && route.metric < best.metric)) best = route;
  }
  return best.gateway === 0 ? null : [24, 16, 8, 0].map((shift) => (best.gateway >>> shift) & 0xff).join('.');
}

/** Whether `/proc/net/arp` holds the address without a complete answer. */
export function isUnanswered(address: string, table: string): boolean {
  const entries = table.trim().split('\n').slice(1);
  const entry = entries.map((line) => line.split(/\s+/)).find(([ip]) => ip === address);
  return entry !== undefined && (Number(entry[2]) & COMPLETE) === 0;
}

/** The kernel prints addresses as a number in its own (little-endian) byte order. */
function fromHostOrder(hex: string): number {
  return Number.parseInt(hex.match(/../g)?.reverse().join('') ?? '', 16);
}

function numberOf(address: string): number | null {
  const parts = address.split('.');
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : null;
}
