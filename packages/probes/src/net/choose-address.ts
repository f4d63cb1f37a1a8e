import { routeTo } from '@netsonde/sockets';
import type { Addresses, AddressFamily, ResolvedAddress } from '../contract/context.ts';

/**
 * Why a probe that measures one address took this one. `only`: the target has no other. `family_option`: the first of the
 * family that the option asks for. `resolver_order`: the first that the resolver gave. `no_route_to_first`: the first to
 * which this host has a route.
 */
export type AddressReason = 'only' | 'family_option' | 'resolver_order' | 'no_route_to_first';

export interface ChosenAddress extends ResolvedAddress {
  readonly reason: AddressReason;
}

/**
 * The address to measure where a probe measures one: the first, addresses without a route passed over.
 * Source: RFC 6724 section 6, rule 1 (avoid unusable destinations)
 */
export function chooseAddress(addresses: Addresses, family: AddressFamily): ChosenAddress {
  const [first, ...others] = addresses;
  if (others.length === 0) return { ...first, reason: 'only' };
  const asked = family === 'any' ? 'resolver_order' : 'family_option';
  if (hasRoute(first)) return { ...first, reason: asked };
  const other = others.find(hasRoute);
  return other === undefined ? { ...first, reason: asked } : { ...other, reason: 'no_route_to_first' };
}

/** True also where the kernel cannot be asked. */
function hasRoute({ address }: ResolvedAddress): boolean {
  try {
    return routeTo(address).kind !== 'none';
  } catch {
    return true;
  }
}
