import { canonical6 } from '../contract/canonical-address.ts';
import { DNAME, TYPE_NUMBERS } from './record-types.ts';
import type { WireReader } from './wire-reader.ts';

const MOST_HEX_BYTES = 256;

/**
 * A record's data as a zone file writes them, with single spaces; null when their length does not fit their type. The
 * reader is at their start; its position afterwards is undefined.
 * @throws MalformedMessage when they end within a field
 */
export function readData(reader: WireReader, type: number, length: number): string | null {
  const end = reader.offset + length;
  const text = dataText(reader, type, end);
  return reader.offset === end ? text : null;
}

function dataText(reader: WireReader, type: number, end: number): string {
  const left = () => Math.max(0, end - reader.offset);
  switch (type) {
    case TYPE_NUMBERS.A:
      return reader.bytes(4).join('.');
    case TYPE_NUMBERS.AAAA:
      return address6(reader.bytes(16));
    case TYPE_NUMBERS.CNAME:
    case TYPE_NUMBERS.NS:
    case TYPE_NUMBERS.PTR:
    case DNAME:
      return plainName(reader.name());
    case TYPE_NUMBERS.MX:
      return `${reader.u16()} ${plainName(reader.name())}`;
    case TYPE_NUMBERS.SRV:
      return `${reader.u16()} ${reader.u16()} ${reader.u16()} ${plainName(reader.name())}`;
    case TYPE_NUMBERS.SOA: {
      const names = [plainName(reader.name()), plainName(reader.name())];
      return [...names, reader.u32(), reader.u32(), reader.u32(), reader.u32(), reader.u32()].join(' ');
    }
    case TYPE_NUMBERS.CAA: {
      const flags = reader.u8();
      const tag = reader.bytes(reader.u8()).toString('latin1');
      return `${flags} ${tag} ${reader.bytes(left()).toString()}`;
    }
    case TYPE_NUMBERS.TXT:
      return strings(reader, end);
    default: {
      const data = reader.bytes(left());
      return `${data.toString('hex', 0, MOST_HEX_BYTES)}${data.length > MOST_HEX_BYTES ? '...' : ''}`;
    }
  }
}

/** Joins one or more strings. Source: RFC 1035 section 3.3.14 */
function strings(reader: WireReader, end: number): string {
  const parts: Buffer[] = [];
  do parts.push(reader.bytes(reader.u8()));
  while (reader.offset < end);
  return Buffer.concat(parts).toString();
}

function address6(bytes: Buffer): string {
  return canonical6((bytes.toString('hex').match(/.{4}/g) ?? []).join(':'));
}

/** Lower case and without the last dot, as names are compared (RFC 4343). */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
