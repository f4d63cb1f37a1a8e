import type { Answer, StringAnswer, StringRecordType, TxtAnswer } from 'dns-packet';

type ZoneRecordType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR' | 'TXT';

/** One record; `data` is an address, a name or a text. */
export interface ZoneRecord {
  readonly type: ZoneRecordType;
  /** s */
  readonly ttl: number;
  readonly data: string;
}

export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

/** The codes as in the header. Source: RFC 1035 section 4.1.1 */
export const RCODES: Readonly<Record<Rcode, number>> = Object.freeze({
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
});

/** The answer for a name. */
export interface ZoneEntry {
  readonly records?: readonly ZoneRecord[];
  /** NOERROR when absent. */
  readonly rcode?: Rcode;
  /** Delay before the answer, ms. */
  readonly delayMs?: number;
  /** Never answers ... */
  readonly drop?: boolean;
  /** ... or does not answer the first n queries. */
  readonly dropFirst?: number;
  /** Answers over UDP with another id than the query's. */
  readonly wrongId?: boolean;
  /** Answers over UDP truncated and empty, so that a client must ask again over TCP. */
  readonly truncate?: boolean;
  /** Sets the AD flag. */
  readonly authenticated?: boolean;
  /** Answers with bytes that are not a DNS message. */
  readonly rubbish?: boolean;
}

/** Names in lower case without the trailing dot. */
export type Zone = Readonly<Record<string, ZoneEntry>>;

/** The records that answer a question, following CNAMEs within the zone (at most eight). */
export function answersOf(zone: Zone, name: string, type: string): Answer[] {
  const answers: Answer[] = [];
  let owner = name.toLowerCase();
  for (let step = 0; step < 8; step++) {
    const records = zone[owner]?.records ?? [];
    const matching = records.filter((record) => record.type === type || type === 'ANY');
    answers.push(...matching.map((record) => wireRecord(owner, record)));
    const alias = records.find((record) => record.type === 'CNAME');
    if (matching.length > 0 || alias === undefined) break;
    answers.push(wireRecord(owner, alias));
    owner = alias.data.toLowerCase();
  }
  return answers;
}

function wireRecord(name: string, record: ZoneRecord): Answer {
  const { type, ttl, data } = record;
  if (type === 'TXT') return { type, name, ttl, data: [data] } satisfies TxtAnswer;
  return { type: type as StringRecordType, name, ttl, data } satisfies StringAnswer;
}
