import { type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { QueryType } from './descriptor.ts';
import type { Answer, Mismatch } from './observation.ts';
import { plainName, recordOf } from './records.ts';

/** Answer over UDP that we offer to take: fits an IPv6 packet of the least MTU. Source: RFC 6891 section 6.2.3 */
const UDP_PAYLOAD = 1232;
const DO = 0x8000;

export interface Question {
  /** Without the last dot. */
  readonly name: string;
  readonly type: QueryType;
  readonly dnssec: boolean;
  readonly recursive: boolean;
}

/** Queries of questions that are asked again and again, all but their ids. */
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

function encodeTemplate({ name, type, dnssec, recursive }: Question): Buffer {
  return encode({
    type: 'query',
    id: 0,
    flags: recursive ? RECURSION_DESIRED : 0,
    questions: [{ name, type, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_PAYLOAD,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: dnssec ? DO : 0,
        flag_do: dnssec,
        options: [],
      },
    ],
  });
}

/** A response that is one to a question of ours, with its id; or why it is none. */
export function readAnswer(
  bytes: Buffer,
  question: Question,
  isOurs: (id: number) => boolean,
): { readonly id: number; readonly answer: Answer } | Mismatch {
  const packet = decoded(bytes);
  if (packet === null) return 'rubbish';
  if (!packet.flag_qr) return 'not_a_response';
  const { id = 0, flags = 0 } = packet;
  if (!isOurs(id)) return 'id';
  const rcode = rcodeOf(packet, flags);
  if (!asksTheSame(packet, question, rcode)) return 'question';
  const records = (packet.answers ?? []).flatMap((record) =>
    record.type === 'OPT' || record.type === 'RRSIG' ? [] : [recordOf(record)],
  );
  return {
    id,
    answer: {
      rcode,
      authoritative: packet.flag_aa,
      truncated: packet.flag_tc,
      authenticated: packet.flag_ad,
      recursionAvailable: packet.flag_ra,
      records,
    },
  };
}

function decoded(bytes: Buffer): DecodedPacket | null {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}

/** Four bits of the header, above them eight of the OPT record. Source: RFC 6891 section 6.1.3 */
function rcodeOf({ additionals = [] }: DecodedPacket, flags: number): number {
  const edns = additionals.find((record) => record.type === 'OPT');
  return ((edns?.extendedRcode ?? 0) << 4) | (flags & 0xf);
}

/** A server that could not read the question need not repeat it. */
function asksTheSame({ questions = [] }: DecodedPacket, wanted: Question, rcode: number): boolean {
  const [asked, ...more] = questions;
  if (asked === undefined) return rcode !== 0;
  const same = plainName(asked.name) === plainName(wanted.name) && asked.type === wanted.type;
  return same && more.length === 0 && (asked.class ?? 'IN') === 'IN';
}
