import { firstService, type Stage } from '../presence/stage.test-support.ts';
import { flawedTrainOf, inPace, rttExpectations, type Train, trainsOf } from '../presence/train.test-support.ts';
import type { Shown, Truth } from '../presence/truth.test-support.ts';

const { calm, rough } = trainsOf('udp');

const carry = (stage: Stage, train: Train) =>
  inPace(
    train,
    () => stage.openLab({ path: train.path, services: [{ kind: 'udp_echo' }] }),
    (lab) => stage.runOn(lab.measuring, 'udp', firstService(lab), train.options),
  );

async function shown(stage: Stage, train: Train): Promise<Shown> {
  const { outcome, carried } = await carry(stage, train);
  return { outcome, expects: { ...train.counts, ...rttExpectations(carried), port_open: true } };
}

async function flawed(stage: Stage, cut: readonly number[], damaged: readonly number[]): Promise<Shown> {
  const train = flawedTrainOf('udp', cut, damaged);
  const { outcome } = await carry(stage, train);
  return { outcome, expects: train.counts };
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
  { made: 'a lab path that cuts one answer short and damages three', show: (stage) => flawed(stage, [1], [2, 3, 6]) },
  {
    made: 'a lab path that cuts four answers short and damages one',
    show: (stage) => flawed(stage, [0, 1, 2, 7], [4]),
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
