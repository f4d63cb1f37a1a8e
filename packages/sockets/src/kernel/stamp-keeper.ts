import { createAncillary, decodeAncillary } from './ancillary.ts';
import { AF_INET, MSG_DONTWAIT, POLLIN, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from './constants.ts';
import { socketAddressSize, writeSocketAddress } from './ip-address.ts';
import { libc } from './libc.ts';
import { MessageBatch } from './message-batch.ts';
import { startStamping } from './stamping.ts';

const TRIES = 20;
const WAIT_MS = 1;

/**
 * The kernel stamps received packets only while some socket asks for it, and begins a moment after the first one did:
 * packets that arrive in between have no stamp. This opens its own socket that asks, and sends single bytes to itself
 * over loopback until one is received with a stamp (at most 20 ms). The socket stays open, so that stamping is already
 * on for later sockets. Returns the function that closes it.
 */
export function keepStamping(): () => void {
  const calls = libc();
  const fd = calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return () => undefined;
  const name = new Uint8Array(socketAddressSize(4));
  writeSocketAddress(name, 0, { family: 4, bytes: Uint8Array.of(127, 0, 0, 1), scope: 0 }, 0);
  startStamping(fd);
  calls.bind(fd, name, name.length);
  calls.getsockname(fd, name, new Uint32Array([name.length]));
  if (calls.connect(fd, name, name.length) === 0) awaitStamp(fd);
  return () => void calls.close(fd);
}

function awaitStamp(fd: number): void {
  const calls = libc();
  const batch = new MessageBatch({ capacity: 1, nameBytes: 32, controlBytes: 192, payloadBytes: 64 });
  const ancillary = createAncillary();
  for (let tries = 0; tries < TRIES; tries += 1) {
    calls.write(fd, new Uint8Array(1), 1);
    calls.poll(new Int32Array([fd, POLLIN]), 1, WAIT_MS);
    batch.prepareReceive(1);
    if (calls.recvmmsg(fd, batch.address, 1, MSG_DONTWAIT, null) !== 1) continue;
    decodeAncillary(batch, 0, 0, ancillary);
    if (!Number.isNaN(ancillary.stampNs)) return;
  }
}
