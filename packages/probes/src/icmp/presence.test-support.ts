import type { Lab, RoundTrip } from '@netsonde/lab';
import { burstRatio, voiceQuality } from '@netsonde/metrics';
import type { Stage } from '../presence/stage.test-support.ts';
import {
  flawedTrainOf,
  inPace,
  rttExpectations,
  spreadOf,
  type Train,
  trainsOf,
  unsteadyTrainOf,
  variationExpectations,
  wireTimesMs,
} from '../presence/train.test-support.ts';
import { type Expected, near, type Range, type Shown, type Truth } from '../presence/truth.test-support.ts';

const { calm, rough } = trainsOf('icmp');

/** Initial TTL of Linux; each router of the lab takes one off. */
const LINUX_TTL = 64;
/** An idle stack answers itself well below this, ms; the throttled one cannot. */
const QUICK_STACK: Range = { least: 0.001, most: 100 };

const carry = (stage: Stage, train: Train, prepare?: (lab: Lab) => Promise<unknown>) =>
  inPace(
    train,
    () => stage.openLab({ path: train.path }),
    async (lab) => {
      await prepare?.(lab);
      return stage.runOn(lab.measuring, 'icmp', lab.services.address4, train.options);
    },
  );

async function shown(stage: Stage, train: Train, routers: number, prepare?: (lab: Lab) => Promise<unknown>) {
  const { outcome, carried } = await carry(stage, train, prepare);
  const expects = {
    ...train.counts,
    ...rttExpectations(carried),
    ...voiceExpectations(carried, train),
    reply_ttl: LINUX_TTL - routers,
  };
  return { outcome, expects };
}

async function varied(stage: Stage, holdMs: number): Promise<Shown> {
  const train = unsteadyTrainOf('icmp', holdMs);
  const { outcome, carried } = await carry(stage, train);
  return { outcome, expects: variationExpectations(carried) };
}

async function flawed(stage: Stage, cut: readonly number[], damaged: readonly number[]): Promise<Shown> {
  const train = flawedTrainOf('icmp', cut, damaged);
  const { outcome } = await carry(stage, train);
  return { outcome, expects: train.counts };
}

/** The rating of a call over what the device saw, with the probe's default codec and jitter buffer. */
function voiceExpectations(carried: readonly RoundTrip[], { counts }: Train): Record<string, Expected> {
  const rating = voiceQuality(
    {
      rttMs: spreadOf(carried).avg,
      lossPct: counts.loss_pct ?? Number.NaN,
      burstRatio: Math.max(1, burstRatio(wireTimesMs(carried)) ?? 1),
    },
    { codec: 'g711_plc', jitterBufferMs: 40 },
  );
  return { r_factor: near(rating.r, 1), mos: near(rating.mos, 0.05) };
}

/** A packet of an echo takes 12 ms at this rate, and those behind it wait: the host's own stack is slow, as far as its echoes to itself can tell. */
const SLOW_LOOPBACK = 'qdisc add dev lo root tbf rate 64kbit burst 200 latency 1000ms'.split(' ');

export const icmpTruths: readonly Truth[] = [
  {
    made: 'a lab path of 10 ms and three routers that harms four of 14 echoes',
    async show(stage): Promise<Shown> {
      const { outcome, expects } = await shown(stage, calm, 3);
      return { outcome, expects: { ...expects, error_bound_ms: QUICK_STACK } };
    },
  },
  {
    made: 'a lab path of 120 ms and seven routers that harms nine of 20 echoes, from a host with a throttled loopback',
    async show(stage) {
      const { outcome, expects } = await shown(stage, rough, 7, (lab) => lab.measuring.exec('tc', SLOW_LOOPBACK));
      return { outcome, expects: { ...expects, error_bound_ms: { least: 110, most: 250 } } };
    },
  },
  { made: 'a lab path that cuts one reply short and damages three', show: (stage) => flawed(stage, [1], [2, 3, 6]) },
  {
    made: 'a lab path that cuts four replies short and damages one',
    show: (stage) => flawed(stage, [0, 1, 2, 7], [4]),
  },
  { made: 'a lab path that holds each second echo back by 2 ms', show: (stage) => varied(stage, 2) },
  { made: 'a lab path that holds each second echo back by 28 ms', show: (stage) => varied(stage, 28) },
];
