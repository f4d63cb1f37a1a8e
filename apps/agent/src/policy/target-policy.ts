import { BlockList, isIP } from 'node:net';
import type { TargetPolicy } from '@netsonde/probes/runtime';
import { addressesWithin, guardedRange, type PlainAddress } from '@netsonde/protocol';

/** The owner's rules, as CIDR lists ("10.0.0.0/8", "2001:db8::/32") or single addresses. */
export interface PolicyRules {
  /** May be measured although refused by default. */
  readonly allow: readonly string[];
  /** Never measured; overrides `allow`. */
  readonly deny: readonly string[];
  /** Where not empty, nothing else is measured. */
  readonly only: readonly string[];
}

/** Makes the policy of an agent. @throws Error that names the rule that is not a CIDR. */
export function targetPolicy(rules: PolicyRules): TargetPolicy {
  const allow = listOf('allow', rules.allow);
  const deny = listOf('deny', rules.deny);
  const only = rules.only.length === 0 ? null : listOf('only', rules.only);
  const refusal = (address: string): string | null => {
    const within = addressesWithin(address);
    const [plain] = within;
    if (plain === undefined) return `${JSON.stringify(address)} is no address: it is not measured`;
    if (within.some((one) => covers(deny, one))) return `${address} is refused by this agent's owner (policy: deny)`;
    if (only !== null && !covers(only, plain))
      return `${address} is not among the targets that this agent's owner allows (policy: only)`;
    return guarded(
      address,
      within.find((one) => guardedRange(one) !== null && !covers(allow, one)),
    );
  };
  return Object.freeze({ refusal: remembered(refusal) });
}

/** Addresses whose decision is cached. An agent measures the same targets with each run. */
const MOST_REMEMBERED = 20_000;

/**
 * The rules never change while an agent runs, so a cached decision stays valid. Deciding again costs six lookups in
 * lists.
 */
function remembered(refusal: TargetPolicy['refusal']): TargetPolicy['refusal'] {
  const answers = new Map<string, string | null>();
  return (address) => {
    const known = answers.get(address);
    if (known !== undefined) return known;
    const answer = refusal(address);
    if (answers.size >= MOST_REMEMBERED) answers.clear();
    answers.set(address, answer);
    return answer;
  };
}

/** Refuses everything and says why, for a policy file that cannot be used. */
export function closedPolicy(why: string): TargetPolicy {
  return Object.freeze({ refusal: () => `nothing is measured: ${why}` });
}

/** Why an address is refused that represents, or leads to, a guarded one; null where it does neither. */
function guarded(address: string, found: PlainAddress | undefined): string | null {
  const range = found === undefined ? null : guardedRange(found);
  if (found === undefined || range === null) return null;
  const led =
    found.family === 'ipv4' && address.includes(':') ? `leads to ${found.address}, ${range.what}` : `is ${range.what}`;
  return `${address} ${led} (${range.cidr}): the agent's owner can allow it with --allow ${range.cidr}`;
}

const covers = (list: BlockList, { address, family }: PlainAddress): boolean => list.check(address, family);

function listOf(name: string, cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) add(list, name, cidr);
  return list;
}

function add(list: BlockList, name: string, cidr: string): void {
  const range = readRange(cidr);
  if (range === null) throw new Error(`${name}: ${noRange(cidr)}`);
  list.addSubnet(range.address, range.length, range.family);
}

/** The message for a text that is not an address range. */
export const noRange = (text: string): string =>
  `${JSON.stringify(text)} is no address range: write it like 10.0.0.0/8 or 2001:db8::/32`;

interface AddressRange extends Pick<PlainAddress, 'address' | 'family'> {
  /** Length of the prefix, bits. */
  readonly length: number;
}

/** Reads "10.0.0.0/8", "2001:db8::/32" or a single address; null where the text is neither. */
export function readRange(cidr: string): AddressRange | null {
  const [address = '', prefix, ...rest] = cidr.split('/');
  const kind = isIP(address);
  const most = kind === 4 ? 32 : 128;
  const length = prefix === undefined ? most : Number(prefix);
  const numeric = prefix === undefined || /^\d{1,3}$/.test(prefix);
  if (kind === 0 || !numeric || length > most || rest.length > 0) return null;
  return { address, family: kind === 4 ? 'ipv4' : 'ipv6', length };
}
