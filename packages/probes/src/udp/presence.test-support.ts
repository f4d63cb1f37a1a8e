import type { Lab } from '@netsonde/lab';
import { firstService, type Stage } from '../presence/stage.test-support.ts';
import { type Carried, inPace, rttExpectations, type Train, trainsOf } from '../presence/train.test-support.ts';
import type { Shown, Truth } from '../presence/truth.test-support.ts';

const { calm, rough } = trainsOf('udp');

/** A train, run on a lab of its own, and what the lab's log says of it. */
async function carry(stage: Stage, train: Train) {
  const lab = await stage.openLab({ path: train.path, services: [{ kind: 'udp_echo' }] });
  const outcome = await stage.runOn(lab.measuring, 'udp', firstService(lab), train.options);
  await lab.settle();
  return { outcome, carried: await carriedBy(lab) };
}

async function shown(stage: Stage, train: Train): Promise<Shown> {
  const { outcome, carried } = await inPace(train, () => carry(stage, train));
  return { outcome, expects: { ...train.counts, ...rttExpectations(carried), port_open: true } };
}

/** Datagrams carry no number that the lab reads: the echo service answers in the order in which they reached it. */
async function carriedBy(lab: Lab): Promise<readonly Carried[]> {
  const records = (await lab.truth()).filter(({ protocol, origin }) => protocol === 17 && origin === 'host');
  const sent = records.filter(({ direction, copy }) => direction === 'forward' && copy === 0);
  const reached = records
    .filter(({ direction, fate }) => direction === 'forward' && fate === 'forwarded')
    .sort((a, b) => Number(a.writtenAtNs - b.writtenAtNs));
  const back = records.filter(({ direction }) => direction === 'backward').sort((a, b) => a.packet - b.packet);
  return sent
    .sort((a, b) => a.packet - b.packet)
    .map(({ packet, readAtNs }) => ({
      sentAtNs: readAtNs,
      backAtNs: back[reached.findIndex((record) => record.packet === packet)]?.writtenAtNs ?? null,
    }));
}

export const udpTruths: readonly Truth[] = [
  {
    made: 'a lab path of 10 ms to an echo service that harms four of 14 datagrams',
    show: (stage) => shown(stage, calm),
  },
  {
    made: 'a lab path of 120 ms to an echo service that harms nine of 20 datagrams',
    show: (stage) => shown(stage, rough),
  },
  {
    made: 'a port whose service has ended',
    async show(stage) {
      const { at, close } = await stage.serve({ kind: 'udp_echo' });
      await close();
      return { outcome: await stage.run('udp', at, { count: 1 }), expects: { port_open: false } };
    },
  },
];
