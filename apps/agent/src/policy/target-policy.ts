import { BlockList, isIP } from 'node:net';
import type { TargetPolicy } from '@netsonde/probes/runtime';
import { addressesWithin, guardedRange, type PlainAddress } from '@netsonde/protocol';

/** The owner's rules, as CIDR lists ("10.0.0.0/8", "2001:db8::/32") or single addresses. */
export interface PolicyRules {
  /** May be measured though it is refused by default. */
  readonly allow: readonly string[];
  /** Never measured; beats `allow`. */
  readonly deny: readonly string[];
  /** Where not empty: nothing else is measured. */
  readonly only: readonly string[];
}

/** Makes the policy of an agent. @throws Error that names the rule that is no CIDR. */
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

/** Addresses whose answer is kept: the targets of an agent come again with each run. */
const MOST_REMEMBERED = 20_000;

/** The rules never change while an agent runs, so that an answer once found holds; looking it up again costs six lists. */
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

/** Refuses everything, and says why: what a policy file that cannot be used leads to. */
export function closedPolicy(why: string): TargetPolicy {
  return Object.freeze({ refusal: () => `nothing is measured: ${why}` });
}

/** What is said of an address that stands for, or leads to, a guarded one; null where there is none. */
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

/** What is said of a text that is no address range. */
export const noRange = (text: string): string =>
  `${JSON.stringify(text)} is no address range: write it like 10.0.0.0/8 or 2001:db8::/32`;

interface AddressRange extends Pick<PlainAddress, 'address' | 'family'> {
  /** Bits of the prefix. */
  readonly length: number;
}

/** Reads "10.0.0.0/8", "2001:db8::/32" or a single address; null where it is none. */
export function readRange(cidr: string): AddressRange | null {
  const [address = '', prefix, ...rest] = cidr.split('/');
  const kind = isIP(address);
  const most = kind === 4 ? 32 : 128;
  const length = prefix === undefined ? most : Number(prefix);
  const numeric = prefix === undefined || /^\d{1,3}$/.test(prefix);
  if (kind === 0 || !numeric || length > most || rest.length > 0) return null;
  return { address, family: kind === 4 ? 'ipv4' : 'ipv6', length };
}
