import { encode, type OptAnswer, RECURSION_DESIRED } from 'dns-packet';
import { answeringRecords } from './answering-records.ts';
import type { QueryType } from './descriptor.ts';
import type { AnswerRecord, DnsResponse, Mismatch } from './observation.ts';
import { RCODES } from './rcodes.ts';
import { plainName, readData } from './record-data.ts';
import { OPT, RRSIG, TYPE_NUMBERS, typeName } from './record-types.ts';
import { MalformedMessage, WireReader } from './wire-reader.ts';

/**
 * Size of the largest answer over UDP that we accept: it fits an IPv6 packet of the minimum MTU. Source: RFC 6891
 * section 6.2.3
 */
const UDP_PAYLOAD = 1232;
const DO = 0x8000;
const HEADER_BYTES = 12;
const CLASS_IN = 1;

export interface Question {
  /** Without the last dot. */
  readonly name: string;
  readonly type: QueryType;
  readonly dnssec: boolean;
  readonly recursive: boolean;
  /** Whether the query carries an OPT record. */
  readonly edns: boolean;
}

/** Cached queries of repeated questions, without their ids. */
const templates = new WeakMap<Question, Buffer>();

/** A query's bytes. @param id 0 to 65535 */
export function encodeQuery(question: Question, id: number): Buffer {
  let template = templates.get(question);
  if (template === undefined) {
    template = encodeTemplate(question);
    templates.set(question, template);
  }
  const query = Buffer.from(template);
  query.writeUInt16BE(id);
  return query;
}

function encodeTemplate({ name, type, dnssec, recursive, edns }: Question): Buffer {
  const opt: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: UDP_PAYLOAD,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: dnssec ? DO : 0,
    flag_do: dnssec,
    options: [],
  };
  return encode({
    type: 'query',
    id: 0,
    flags: recursive ? RECURSION_DESIRED : 0,
    questions: [{ name, type, class: 'IN' }],
    additionals: edns ? [opt] : [],
  });
}

interface Header {
  readonly flags: number;
  readonly questions: number;
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
}

/** A response to our question, with its id, or the reason why it is not one. */
export function readAnswer(
  bytes: Buffer,
  question: Question,
  isOurs: (id: number) => boolean,
): { readonly id: number; readonly answer: DnsResponse } | Mismatch {
  if (bytes.length < HEADER_BYTES) return 'rubbish';
  const reader = new WireReader(bytes);
  const id = reader.u16();
  const header: Header = {
    flags: reader.u16(),
    questions: reader.u16(),
    answers: reader.u16(),
    authorities: reader.u16(),
    additionals: reader.u16(),
  };
  const isResponse = (header.flags & 0x8000) !== 0 && (header.flags & 0x7800) === 0;
  if (!isResponse) return 'not_a_response';
  if (!isOurs(id)) return 'id';
  try {
    if (!asksTheSame(reader, header, question)) return 'question';
    return { id, answer: readSections(reader, header, question) };
  } catch (error) {
    if (error instanceof MalformedMessage) return 'rubbish';
    throw error;
  }
}

/** A server that could not parse the question need not repeat it. */
function asksTheSame(reader: WireReader, { questions, flags }: Header, wanted: Question): boolean {
  if (questions === 0) return (flags & 0xf) !== 0;
  if (questions !== 1) return false;
  const same = plainName(reader.name()) === plainName(wanted.name);
  return reader.u16() === TYPE_NUMBERS[wanted.type] && reader.u16() === CLASS_IN && same;
}

/** One record of any section. */
interface WireRecord {
  readonly owner: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  /** null: its length does not fit its type. */
  readonly data: string | null;
}

function readSections(reader: WireReader, header: Header, question: Question): DnsResponse {
  const truncated = (header.flags & 0x0200) !== 0;
  const answers = readRecords(reader, header.answers);
  // A truncated answer may end anywhere, and the probe asks again over TCP.
  if (!answers.whole && !truncated) throw new MalformedMessage('the answer section ends too early');
  const authorities = answers.whole ? readRecords(reader, header.authorities) : NOTHING;
  const additionals = authorities.whole ? readRecords(reader, header.additionals) : NOTHING;
  const opt = additionals.records.find(({ type }) => type === OPT);
  // Four bits from the header, and the upper eight from the OPT record. Source: RFC 6891 section 6.1.3
  const rcode = (((opt?.ttl ?? 0) >>> 24) << 4) | (header.flags & 0xf);
  const sorted = sortRecords(answers.records, question);
  const isAuthority = (type: number) => authorities.records.some((record) => record.type === type);
  const authoritative = (header.flags & 0x0400) !== 0;
  const referral = !authoritative && isAuthority(TYPE_NUMBERS.NS) && !isAuthority(TYPE_NUMBERS.SOA);
  const found = sorted.records.some(({ type }) => type === question.type);
  return {
    rcode,
    edns: opt !== undefined,
    authoritative,
    truncated,
    authenticated: (header.flags & 0x0020) !== 0,
    recursionAvailable: (header.flags & 0x0080) !== 0,
    ...sorted,
    negative: rcode !== RCODES.NOERROR || found || truncated ? null : referral ? 'referral' : 'no_data',
    unreadableTail: !truncated && !additionals.whole,
  };
}

interface Section {
  readonly records: readonly WireRecord[];
  /** Reads as many records as the header announces; all must be readable. */
  readonly whole: boolean;
}

const NOTHING: Section = { records: [], whole: false };

function readRecords(reader: WireReader, count: number): Section {
  const records: WireRecord[] = [];
  try {
    for (let left = count; left > 0; left--) records.push(readRecord(reader));
    return { records, whole: true };
  } catch (error) {
    if (error instanceof MalformedMessage) return { records, whole: false };
    throw error;
  }
}

function readRecord(reader: WireReader): WireRecord {
  const owner = plainName(reader.name());
  const type = reader.u16();
  const recordClass = reader.u16();
  const ttl = reader.u32();
  const length = reader.u16();
  const start = reader.offset;
  reader.bytes(length);
  const end = reader.offset;
  reader.offset = start;
  const data = dataOrNull(reader, type, length);
  reader.offset = end;
  return { owner, type, class: recordClass, ttl, data };
}

function dataOrNull(reader: WireReader, type: number, length: number): string | null {
  try {
    return readData(reader, type, length);
  } catch (error) {
    if (error instanceof MalformedMessage) return null;
    throw error;
  }
}

/** A TTL with the highest bit set means 0. Source: RFC 2181 section 8 */
const timeToLive = (ttl: number): number => (ttl > 0x7fff_ffff ? 0 : ttl);

/** Signatures count neither as answers nor as unrelated records. */
function sortRecords(all: readonly WireRecord[], { name, type }: Question) {
  const counted = all.filter((record) => record.type !== RRSIG && record.type !== OPT);
  const readable = counted.filter((record): record is ReadableRecord => record.data !== null);
  const inClass = readable.filter((record) => record.class === CLASS_IN);
  const answering = answeringRecords(plainName(name), TYPE_NUMBERS[type], inClass);
  const records = inClass.filter((record) => answering.has(record)).map(answerRecord);
  return {
    records,
    unrelatedRecords: readable.length - records.length,
    malformedRecords: counted.length - readable.length,
  };
}

type ReadableRecord = WireRecord & { readonly data: string };

const answerRecord = ({ owner, type, ttl, data }: ReadableRecord): AnswerRecord => ({
  name: owner,
  type: typeName(type),
  ttl: timeToLive(ttl),
  data,
});
