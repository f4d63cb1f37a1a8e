import { BlockList, isIP } from 'node:net';
import type { TargetPolicy } from '@netsonde/probes/runtime';

/** The owner's rules, as CIDR lists ("10.0.0.0/8", "2001:db8::/32") or single addresses. */
export interface PolicyRules {
  /** May be measured though it is refused by default. */
  readonly allow: readonly string[];
  /** Never measured; beats `allow`. */
  readonly deny: readonly string[];
  /** Where not empty: nothing else is measured. */
  readonly only: readonly string[];
}

/** Addresses that hand out a machine's secrets or belong to the link alone. */
const REFUSED: readonly (readonly [cidr: string, what: string])[] = [
  ['169.254.169.254', 'a cloud metadata address'],
  ['fd00:ec2::254', 'a cloud metadata address'],
  ['100.100.100.200', 'a cloud metadata address'],
  ['192.0.0.192', 'a cloud metadata address'],
  ['169.254.0.0/16', 'a link-local address'],
  ['fe80::/10', 'a link-local address'],
];

/** Makes the policy of an agent. @throws Error that names the rule that is no CIDR. */
export function targetPolicy(rules: PolicyRules): TargetPolicy {
  const allow = listOf('allow', rules.allow);
  const deny = listOf('deny', rules.deny);
  const only = rules.only.length === 0 ? null : listOf('only', rules.only);
  const refused = REFUSED.map(([cidr, what]) => ({ list: listOf('default', [cidr]), cidr, what }));
  const refusal = (address: string): string | null => {
    const plain = plainAddress(address);
    if (plain === null) return `${JSON.stringify(address)} is no address: it is not measured`;
    if (covers(deny, plain)) return `${address} is refused by this agent's owner (policy: deny)`;
    if (only !== null && !covers(only, plain))
      return `${address} is not among the targets that this agent's owner allows (policy: only)`;
    if (covers(allow, plain)) return null;
    const rule = refused.find(({ list }) => covers(list, plain));
    return rule === undefined
      ? null
      : `${address} is ${rule.what} (${rule.cidr}): the agent's owner can allow it with --allow ${rule.cidr}`;
  };
  return Object.freeze({ refusal: remembered(refusal) });
}

/** Addresses whose answer is kept: the targets of an agent come again with each run. */
const MOST_REMEMBERED = 20_000;

/** The rules never change while an agent runs, so that an answer once found holds; looking it up anew costs six lists. */
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

/** Refuses everything, and says why: what a policy file that cannot be read leads to. */
export function closedPolicy(why: string): TargetPolicy {
  return Object.freeze({ refusal: () => `nothing is measured: ${why}` });
}

interface PlainAddress {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
}

/** IPv6 addresses that stand for an IPv4 one: mapped, compatible, and behind the well-known NAT64 prefix (RFC 6052). */
const WITHIN = [
  /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
  /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/,
] as const;

/** Without zone and brackets; what stands for an IPv4 address as IPv4. */
function plainAddress(text: string): PlainAddress | null {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const kind = isIP(bare);
  if (kind === 0) return null;
  // The kernel takes the unspecified address for loopback.
  if (kind === 4) return { address: bare === '0.0.0.0' ? '127.0.0.1' : bare, family: 'ipv4' };
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  if (canonical === '::') return { address: '::1', family: 'ipv6' };
  const mapped = WITHIN.map((form) => form.exec(canonical)).find((match) => match !== null);
  if (mapped === undefined) return { address: canonical, family: 'ipv6' };
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return { address: [high >> 8, high & 255, low >> 8, low & 255].join('.'), family: 'ipv4' };
}

const covers = (list: BlockList, { address, family }: PlainAddress): boolean => list.check(address, family);

function listOf(name: string, cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) add(list, name, cidr);
  return list;
}

function add(list: BlockList, name: string, cidr: string): void {
  const [address = '', prefix] = cidr.split('/');
  const kind = isIP(address);
  const most = kind === 4 ? 32 : 128;
  const length = prefix === undefined ? most : Number(prefix);
  const numeric = prefix === undefined || /^\d{1,3}$/.test(prefix);
  if (kind === 0 || !numeric || length > most)
    throw new Error(`${name}: ${JSON.stringify(cidr)} is no address range: write it like 10.0.0.0/8 or 2001:db8::/32`);
  list.addSubnet(address, length, kind === 4 ? 'ipv4' : 'ipv6');
}
