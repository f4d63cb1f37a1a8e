import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of a loopback port that delays what it forwards. */
export interface SlowRelay {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a relay. It calls `delayMs` for each chunk, to the port (`there`) or back. Chunks of one direction keep their
 * order.
 */
export async function startSlowRelay(to: number, delayMs: (direction: 'there' | 'back') => number): Promise<SlowRelay> {
  const open = new Set<Socket>();
  const pass = (from: Socket, into: Socket, direction: 'there' | 'back') => {
    let last = Promise.resolve();
    from.on('data', (chunk) => {
      const due = new Promise((resolve) => setTimeout(resolve, delayMs(direction)));
      last = last.then(() => due).then(() => void (into.destroyed || into.write(chunk)));
    });
    from.on('error', () => {});
    from.on('close', () => into.destroy());
    open.add(from);
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: to, host: '127.0.0.1', noDelay: true });
    pass(near, far, 'there');
    pass(far, near, 'back');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
