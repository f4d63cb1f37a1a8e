import { parseIpAddress, socketAddressSize, writeSocketAddress } from '../kernel/ip-address.ts';
import type { AdoptMessage, DropMessage, SendMessage } from './boundary.ts';
import { EventQueue } from './event-queue.ts';
import { openDatagramFd } from './open-datagram-fd.ts';
import type { UdpEvent, UdpOptions, UdpSocket } from './types.ts';
import { UdpHub } from './udp-hub.ts';

/** Largest payload of a datagram over IPv4, in bytes. */
const MAX_PAYLOAD = 65_507;

/**
 * Opens a datagram socket whose sends and receives the kernel stamps and which reports ICMP errors.
 * No privilege is needed. An open socket keeps the process alive.
 * @throws SystemCallError (bind: address in use or not of this host), NotSupportedError
 */
export async function openUdpSocket(options: UdpOptions): Promise<UdpSocket> {
  const hub = await UdpHub.get();
  const { fd, address: localAddress, port: localPort } = openDatagramFd(options);
  const { family } = options;
  const queue = new EventQueue<UdpEvent>();
  let nextId = 0;
  let closing: Promise<void> | undefined;
  let dropped: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    dropped = resolve;
  });
  const socket = hub.join({
    happened: (events) => queue.push(events),
    dropped: () => {
      queue.end();
      dropped();
    },
  });
  hub.post({ kind: 'adopt', socket, fd, onePeer: options.onePeer === true } satisfies AdoptMessage);

  return Object.freeze({
    family,
    localAddress,
    localPort,
    baseSeconds: hub.baseSeconds,
    send(payload: Uint8Array, address: string, port: number) {
      if (closing !== undefined) throw new Error('the socket is closed; open another one');
      const id = nextId;
      nextId += 1;
      hub.post({
        kind: 'send',
        socket,
        id,
        payload: checked(payload),
        name: nameOf(options, address, port),
      } satisfies SendMessage);
      return id;
    },
    listen: (listener: (event: UdpEvent) => void) => queue.listen(listener),
    events: () => queue.iterate(),
    close() {
      if (closing === undefined) {
        hub.post({ kind: 'drop', socket } satisfies DropMessage);
        closing = over;
      }
      return closing;
    },
  });
}

function checked(payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PAYLOAD)
    throw new RangeError(`payload must be at most ${MAX_PAYLOAD} bytes, got ${payload.length}`);
  return Uint8Array.from(payload);
}

function nameOf({ family }: UdpOptions, address: string, port: number): Uint8Array {
  const parsed = parseIpAddress(address);
  if (parsed.family !== family) throw new RangeError(`address must be an IPv${family} address, got ${address}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`port must be 1 to 65535, got ${port}`);
  const name = new Uint8Array(socketAddressSize(family));
  writeSocketAddress(name, 0, parsed, port);
  return name;
}
