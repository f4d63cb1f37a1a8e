/** The addresses in a lab. All of them are private and exist inside the lab's namespaces only. */
export const LAB_ADDRESSES = Object.freeze({
  measuring4: '10.201.0.2',
  measuring6: 'fd00:201::2',
  /**
   * The networks that the services host routes back over the path. It answers "host unreachable" for unknown
   * addresses.
   */
  measuringNetwork4: '10.201.0.0/16',
  measuringNetwork6: 'fd00:201::/32',
  services4: '10.202.0.1',
  services6: 'fd00:202::1',
  /** Each address of these networks belongs to the services host and answers. */
  targets4: '10.210.0.0/16',
  targets6: 'fd00:210::/64',
  /** The services host drops packets to these. */
  blackHole4: '10.211.0.1',
  blackHole6: 'fd00:211::1',
  /** The services host answers "host unreachable" (IPv6: no route) for these. */
  unreachable4: '10.212.0.1',
  unreachable6: 'fd00:212::1',
  /** The services host answers "administratively prohibited" for these. */
  prohibited4: '10.213.0.1',
  prohibited6: 'fd00:213::1',
});

/** The first `count` of the lab's targets (up to 65,024 IPv4 or 65,535 IPv6 addresses), all on the services host. */
export function targetAddresses(count: number, version: 4 | 6 = 4): string[] {
  const most = version === 4 ? 254 * 256 : 65_535;
  if (!Number.isInteger(count) || count < 0 || count > most) {
    throw new RangeError(`targets: ${count}; give a whole number from 0 to ${most}`);
  }
  return Array.from({ length: count }, (_, index) =>
    version === 4 ? `10.210.${Math.floor(index / 254)}.${(index % 254) + 1}` : `fd00:210::${(index + 1).toString(16)}`,
  );
}

/** A router's own address, by its number from 1. */
export function routerAddress(hop: number, version: 4 | 6): string {
  return version === 4 ? `10.203.${hop}.1` : `fd00:203:${hop.toString(16)}::1`;
}
