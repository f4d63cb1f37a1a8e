import { AF_INET, AF_INET6 } from '../kernel/constants.ts';
import { SystemCallError } from '../kernel/errors.ts';
import { formatIpAddress, parseIpAddress } from '../kernel/ip-address.ts';
import { askKernel } from './netlink.ts';

/** Source: linux/uapi header rtnetlink.h. */
const RTM_GETROUTE = 26;
const RTMSG_BYTES = 12;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_VIA = 18;
const VIA_FAMILY_BYTES = 2;
const RTN_UNICAST = 1;
const RTN_LOCAL = 2;

/** The route of this host's packets to an address. */
export type Route =
  /** To itself. */
  | { readonly kind: 'local' }
  | {
      readonly kind: 'unicast';
      /** Index of the interface. */
      readonly link: number;
      /** Address of the next router; null: the target is on the link. */
      readonly gateway: string | null;
    }
  /** No route, or one that refuses; the errno's name. */
  | { readonly kind: 'none'; readonly code: string };

/**
 * The route that the kernel would use now.
 * @param address a literal, with its zone where it has one
 * @throws SystemCallError when the kernel cannot be asked, NotSupportedError, RangeError for what is no address
 */
export function routeTo(address: string): Route {
  const { family, bytes, scope } = parseIpAddress(address);
  const fixed = Buffer.alloc(RTMSG_BYTES);
  fixed[0] = family === 4 ? AF_INET : AF_INET6;
  fixed[1] = bytes.length * 8;
  try {
    const zone = scope === 0 ? [] : [[RTA_OIF, uint32(scope)] as const];
    const { fixed: route, attributes } = askKernel(RTM_GETROUTE, fixed, [[RTA_DST, bytes], ...zone], RTMSG_BYTES);
    const type = route[7];
    if (type === RTN_LOCAL) return { kind: 'local' };
    if (type !== RTN_UNICAST) return { kind: 'none', code: 'ENETUNREACH' };
    const link = attributes.get(RTA_OIF)?.readUInt32LE(0) ?? 0;
    const gateway = attributes.get(RTA_GATEWAY) ?? attributes.get(RTA_VIA)?.subarray(VIA_FAMILY_BYTES);
    return { kind: 'unicast', link, gateway: gateway === undefined ? null : formatIpAddress(gateway) };
  } catch (error) {
    if (error instanceof SystemCallError && REFUSALS.has(error.code)) return { kind: 'none', code: error.code };
    throw error;
  }
}

/** What the kernel answers where no route leads, or one that is unreachable, prohibited or a black hole. */
const REFUSALS = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL', 'ENETDOWN', 'ENODEV']);

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
