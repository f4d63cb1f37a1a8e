import { firstService, type Stage } from '../presence/stage.test-support.ts';
import { inPace, rttExpectations, type Train, trainsOf } from '../presence/train.test-support.ts';
import type { Shown, Truth } from '../presence/truth.test-support.ts';

const { calm, rough } = trainsOf('udp');

async function shown(stage: Stage, train: Train): Promise<Shown> {
  const { outcome, carried } = await inPace(
    train,
    () => stage.openLab({ path: train.path, services: [{ kind: 'udp_echo' }] }),
    (lab) => stage.runOn(lab.measuring, 'udp', firstService(lab), train.options),
  );
  return { outcome, expects: { ...train.counts, ...rttExpectations(carried), port_open: true } };
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
