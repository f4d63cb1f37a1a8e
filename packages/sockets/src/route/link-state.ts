import { askKernel } from './netlink.ts';

/** Source: linux/uapi headers rtnetlink.h, if.h and if_link.h. */
const RTM_GETLINK = 18;
const IFINFOMSG_BYTES = 16;
const IFF_UP = 1;
const IFF_LOOPBACK = 8;
const IFF_POINTOPOINT = 16;
const IFF_NOARP = 128;
const IFLA_IFNAME = 3;
const IFLA_CARRIER = 33;

/** An interface of this host. */
export interface LinkState {
  readonly name: string;
  /** An administrator has switched it on. */
  readonly up: boolean;
  /** There is a signal on the medium. */
  readonly carrier: boolean;
  /** Neighbours on it are found by ARP or neighbour discovery; not on loopback, tunnels and point-to-point links. */
  readonly hasNeighbours: boolean;
}

/** The state of the interface with this index. @throws SystemCallError (ENODEV: it is gone), NotSupportedError */
export function linkState(index: number): LinkState {
  const fixed = Buffer.alloc(IFINFOMSG_BYTES);
  fixed.writeInt32LE(index, 4);
  const { fixed: link, attributes } = askKernel(RTM_GETLINK, fixed, [], IFINFOMSG_BYTES);
  const flags = link.readUInt32LE(8);
  const name = attributes.get(IFLA_IFNAME);
  return {
    name: name?.toString('latin1', 0, name.indexOf(0)) ?? `interface ${index}`,
    up: (flags & IFF_UP) !== 0,
    carrier: attributes.get(IFLA_CARRIER)?.[0] !== 0,
    hasNeighbours: (flags & (IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP)) === 0,
  };
}
