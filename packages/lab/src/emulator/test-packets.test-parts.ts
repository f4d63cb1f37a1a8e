import { sealIpv4Header } from './checksum.ts';

/** An IPv4 echo request, header valid, for tests of the emulator without devices. */
export function echoRequest(
  sequence: number,
  options: { bytes?: number; ttl?: number; dontFragment?: boolean; tos?: number; to?: number } = {},
): Buffer {
  const packet = Buffer.alloc(options.bytes ?? 84);
  packet[0] = 0x45;
  packet[1] = options.tos ?? 0;
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(sequence & 0xffff, 4);
  packet.writeUInt16BE(options.dontFragment ? 0x4000 : 0, 6);
  packet[8] = options.ttl ?? 64;
  packet[9] = 1;
  packet.set([10, 201, 0, 2], 12);
  packet.set([10, 210, 0, options.to ?? 1], 16);
  packet[20] = 8;
  packet.writeUInt16BE(0x1234, 24);
  packet.writeUInt16BE(sequence & 0xffff, 26);
  for (let index = 28; index < packet.length; index++) packet[index] = index & 0xff;
  sealIpv4Header(packet);
  return packet;
}
