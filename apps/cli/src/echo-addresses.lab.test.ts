import { once } from 'node:events';
import { pairOfHosts } from '@netsonde/lab';
import { expect, test } from 'vitest';

/** Services on all addresses of one family, on all of both, and on a single one. */
const SERVICES = [
  { host: '0.0.0.0', port: 12_301 },
  { host: '::', port: 12_302 },
  { host: '10.201.0.12', port: 12_303 },
];
/** The first of each family is the kernel's choice for a sender that names no source address. */
const ADDRESSES4 = ['10.201.0.1', '10.201.0.11', '10.201.0.12'];
const ADDRESSES6 = ['fd00:201::1', 'fd00:201::11', 'fd00:201::12'];
const QUESTIONS = [
  ...ADDRESSES4.map((address) => ({ address, port: 12_301 })),
  ...[...ADDRESSES4, ...ADDRESSES6].map((address) => ({ address, port: 12_302 })),
  { address: '10.201.0.12', port: 12_303 },
];

const service = `
  const { openEchoService } = await import(${JSON.stringify(new URL('../dist/echo-service.js', import.meta.url).href)});
  for (const { host, port } of ${JSON.stringify(SERVICES)}) await openEchoService(host, port);
  console.log('open');
`;

/** Sends to each address and prints the source address of each answer. */
const client = `
  import { createSocket } from 'node:dgram';
  const answers = await Promise.all(${JSON.stringify(QUESTIONS)}.map(({ address, port }) => new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const ask = () => socket.send('x', port, address);
    const again = setInterval(ask, 500);
    socket.on('message', (_, from) => {
      clearInterval(again);
      socket.close();
      resolve({ address: from.address, port: from.port });
    });
    ask();
  })));
  console.log(JSON.stringify(answers));
`;

test('netsonde echo answers each datagram from the address that it was sent to', async () => {
  await using pair = await pairOfHosts();
  await pair.far.ip([
    ...ADDRESSES4.slice(1).map((address) => `address add ${address}/24 dev ${pair.device}`),
    ...ADDRESSES6.slice(1).map((address) => `address add ${address}/64 dev ${pair.device} nodad`),
  ]);
  const args = (program: string) => ['--input-type=module', '-e', program];
  const running = pair.far.spawn(process.execPath, args(service), { stdio: ['ignore', 'pipe', 'inherit'] });
  if (running.stdout === null) throw new Error('the service has no output');
  await once(running.stdout, 'data');
  const { stdout, stderr } = await pair.measuring.exec(process.execPath, args(client));
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(QUESTIONS);
}, 120_000);
