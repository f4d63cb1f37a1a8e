import { routeTo } from '@netsonde/sockets';
import type { Addresses, AddressFamily, ResolvedAddress } from '../contract/context.ts';

/**
 * Why a probe that measures one address chose this one. `only`: the target has no other. `family_option`: the first of
 * the family that the option asks for. `resolver_order`: the first that the resolver returned. `no_route_to_first`: the
 * first to which this host has a route.
 */
export type AddressReason = 'only' | 'family_option' | 'resolver_order' | 'no_route_to_first';

export interface ChosenAddress extends ResolvedAddress {
  readonly reason: AddressReason;
}

/**
 * Chooses the address for a probe that measures one: the first that has a route.
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

/** Also true where the kernel cannot be queried. */
function hasRoute({ address }: ResolvedAddress): boolean {
  try {
    return routeTo(address).kind !== 'none';
  } catch {
    return true;
  }
}
