import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { answersOf, RCODES, type Zone, type ZoneEntry } from './dns-zone.ts';
import { newLedger, pause } from './ledger.ts';

export type DnsTransport = 'udp' | 'tcp' | 'tls' | 'https';

/** One query. */
export interface DnsSeen {
  readonly atMs: number;
  readonly transport: DnsTransport;
  readonly name: string;
  readonly type: string;
  readonly recursionDesired: boolean;
  /** In caching mode: whether the answer was from the cache; undefined otherwise. */
  readonly cacheHit: boolean | undefined;
  readonly answered: boolean;
}

export interface DnsBehaviour {
  readonly zone?: Zone;
  /** The answer for names outside the zone; NXDOMAIN when absent. */
  readonly elsewhere?: ZoneEntry;
  /**
   * Behaves as a caching resolver. It resolves a query that asks for recursion (which takes `originDelayMs`) and
   * caches it for its TTL. It answers one that does not (RD=0) from the cache or with no records (NOERROR).
   */
  readonly caching?: boolean;
  /** ms; 30 when absent. */
  readonly originDelayMs?: number;
}

/** Makes the bytes of the answer to a query; undefined: no answer. */
export interface DnsResolver {
  resolve(query: Buffer, transport: DnsTransport): Promise<Buffer | undefined>;
  seen(): readonly DnsSeen[];
}

interface Found {
  readonly answers: readonly Answer[];
  readonly cacheHit: boolean | undefined;
}

export function newResolver(behaviour: DnsBehaviour): DnsResolver {
  const ledger = newLedger<DnsSeen>();
  const zone = behaviour.zone ?? {};
  const queriesFor = new Map<string, number>();
  const find = behaviour.caching ? cachingFinder(zone, behaviour.originDelayMs ?? 30) : authoritativeFinder(zone);
  return {
    seen: ledger.entries,
    async resolve(bytes, transport) {
      const query = decodeOrNothing(bytes);
      const question = query?.questions?.[0];
      if (query === undefined || question === undefined) return undefined;
      const name = question.name.toLowerCase();
      const entry = zone[name] ?? behaviour.elsewhere ?? { rcode: 'NXDOMAIN' };
      const count = (queriesFor.get(name) ?? 0) + 1;
      queriesFor.set(name, count);
      const recursionDesired = ((query.flags ?? 0) & RECURSION_DESIRED) !== 0;
      const answered = !entry.drop && count > (entry.dropFirst ?? 0);
      const { answers, cacheHit } = await find(name, question.type, recursionDesired);
      ledger.add({ atMs: Date.now(), transport, name, type: question.type, recursionDesired, cacheHit, answered });
      if (!answered) return undefined;
      await pause(entry.delayMs ?? 0);
      if (entry.rubbish) return Buffer.from('this is no DNS message');
      return reply(query, entry, answers, transport, behaviour.caching ?? false);
    },
  };
}

function decodeOrNothing(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

type Finder = (name: string, type: string, recursionDesired: boolean) => Promise<Found>;

function authoritativeFinder(zone: Zone): Finder {
  return async (name, type) => ({ answers: answersOf(zone, name, type), cacheHit: undefined });
}

function cachingFinder(zone: Zone, originDelayMs: number): Finder {
  const cache = new Map<string, { answers: Answer[]; storedAtMs: number; ttlMs: number }>();
  return async (name, type, recursionDesired) => {
    const key = `${name} ${type}`;
    const kept = cache.get(key);
    const ageMs = kept === undefined ? 0 : performance.now() - kept.storedAtMs;
    if (kept !== undefined && ageMs < kept.ttlMs) return { answers: aged(kept.answers, ageMs), cacheHit: true };
    if (!recursionDesired) return { answers: [], cacheHit: false };
    await pause(originDelayMs);
    const answers = answersOf(zone, name, type);
    const ttls = answers.map((answer) => ('ttl' in answer ? (answer.ttl ?? 0) : 0));
    if (ttls.length > 0) cache.set(key, { answers, storedAtMs: performance.now(), ttlMs: Math.min(...ttls) * 1000 });
    return { answers, cacheHit: false };
  };
}

function aged(answers: readonly Answer[], ageMs: number): Answer[] {
  return answers.map((answer) =>
    'ttl' in answer ? { ...answer, ttl: (answer.ttl ?? 0) - Math.floor(ageMs / 1000) } : answer,
  );
}

function reply(
  query: Packet,
  entry: ZoneEntry,
  answers: readonly Answer[],
  transport: DnsTransport,
  caching: boolean,
): Buffer {
  const recursionDesired = (query.flags ?? 0) & RECURSION_DESIRED;
  const flags =
    recursionDesired |
    (caching ? RECURSION_AVAILABLE : AUTHORITATIVE_ANSWER) |
    (entry.authenticated ? AUTHENTIC_DATA : 0) |
    RCODES[entry.rcode ?? 'NOERROR'];
  const isUdp = transport === 'udp';
  const edns = query.additionals?.find((record) => record.type === 'OPT');
  const message: Packet = {
    type: 'response',
    id: ((query.id ?? 0) + (isUdp && entry.wrongId ? 1 : 0)) & 0xffff,
    flags,
    questions: query.questions ?? [],
    answers: [...answers],
    additionals: edns === undefined ? [] : [{ ...edns, udpPayloadSize: 1232, options: [] }],
  };
  const most = isUdp ? Math.max(512, edns !== undefined && 'udpPayloadSize' in edns ? edns.udpPayloadSize : 0) : 65_535;
  const whole = encode(message);
  if (whole.length <= most && !(isUdp && entry.truncate)) return whole;
  return encode({ ...message, flags: flags | TRUNCATED_RESPONSE, answers: [] });
}
