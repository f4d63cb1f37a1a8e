import type { Answer } from 'dns-packet';
import type { AnswerRecord } from './observation.ts';

type WireRecord = Exclude<Answer, { readonly type: 'OPT' }>;

/** A record of an answer section as people read it. */
export function recordOf(record: WireRecord): AnswerRecord {
  return { name: plainName(record.name), type: record.type, ttl: record.ttl ?? 0, data: dataText(record) };
}

/** Lower case and without the last dot, as names are compared (RFC 4343). */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

function dataText(record: WireRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data;
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return plainName(record.data);
    case 'MX':
      return `${record.data.preference ?? 0} ${plainName(record.data.exchange)}`;
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data;
      return `${priority} ${weight} ${port} ${plainName(target)}`;
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return [plainName(mname), plainName(rname), serial, refresh, retry, expire, minimum].join(' ');
    }
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} ${record.data.value}`;
    case 'TXT':
      return [record.data].flat().map(String).join('');
    default:
      return Buffer.isBuffer(record.data) ? record.data.toString('hex') : JSON.stringify(record.data);
  }
}
