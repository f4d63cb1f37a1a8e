import { openUdpSocket } from './packages/sockets/dist/index.js';

/**
 * Linux stamps packets only while some socket on the host asks for it, and begins a moment after the first one does. Suites
 * come and go; this socket keeps the kernel stamping through all of them, as a running agent does.
 */
export async function setup(): Promise<() => Promise<void>> {
  const socket = await openUdpSocket({ family: 4, localAddress: '127.0.0.1' });
  return () => socket.close();
}
