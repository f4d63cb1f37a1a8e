import type { MetricValue } from '@netsonde/probes/catalog';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { Formulas } from './formulas.ts';
import type { LayoutBook } from './layouts.ts';
import { readSamples, writeSamples } from './log-samples.ts';
import { readNumber, readValue, writeNumber, writePrediction, writeValue } from './number-code.ts';
import {
  type Absent,
  type Draft,
  type Instances,
  type Metrics,
  type Row,
  type Samples,
  verdictCode,
  verdictOf,
} from './row.ts';

const FINDING = 4;
const SAMPLES = 8;
const INSTANCES = 16;
const FLAGS = 32;
const DETAIL = 64;
const LOG = 128;

/** Writes a row as the log keeps it. The first byte's low two bits are the verdict, so that it can be read without the rest. */
export function writeLogRecord(out: ByteWriter, { record, detail }: Row, layouts: LayoutBook): void {
  const { finding, samples, instances, flags, log } = record;
  out.byte(
    verdictCode(record.verdict) |
      (finding === undefined ? 0 : FINDING) |
      (samples === undefined ? 0 : SAMPLES) |
      (instances === undefined ? 0 : INSTANCES) |
      (flags === undefined ? 0 : FLAGS) |
      (detail === 0 ? 0 : DETAIL) |
      (log === undefined ? 0 : LOG),
  );
  const layout = layouts.idFor(record.metrics, record.absent, samples);
  out.varint(layout);
  writeNumber(out, record.late);
  writeNumber(out, record.took);
  out.varint(record.stamps.kernel);
  out.varint(record.stamps.process);
  if (finding !== undefined) out.text(JSON.stringify(finding));
  if (flags !== undefined) out.text(JSON.stringify(flags));
  if (detail !== 0) out.varint(detail);
  if (log !== undefined) out.text(JSON.stringify(log));
  for (const id in samples) writeSamples(out, samples[id] ?? []);
  writeMetrics(out, record.metrics, new Formulas(samples, samples === undefined ? [] : Object.keys(samples)));
  if (instances !== undefined) writeInstances(out, instances, layouts);
}

/** Reads the rest of a record whose place (series, epoch, seq, at) is known. `detail` stays apart. */
export function readLogRecord(
  input: ByteReader,
  place: Pick<Draft, 'seq' | 'check' | 'target' | 'at'>,
  layouts: LayoutBook,
): { record: Draft; detail: number } {
  const head = input.byte();
  const layout = layouts.layout(input.varint());
  const late = readNumber(input);
  const took = readNumber(input);
  const stamps = { kernel: input.varint(), process: input.varint() };
  const finding = (head & FINDING) === 0 ? undefined : (JSON.parse(input.text()) as NonNullable<Draft['finding']>);
  const flags = (head & FLAGS) === 0 ? undefined : (JSON.parse(input.text()) as NonNullable<Draft['flags']>);
  const detail = (head & DETAIL) === 0 ? 0 : input.varint();
  const log = (head & LOG) === 0 ? undefined : (JSON.parse(input.text()) as NonNullable<Draft['log']>);
  const samples: Samples | undefined = (head & SAMPLES) === 0 ? undefined : {};
  if (samples !== undefined) for (const id of layout.samples) samples[id] = readSamples(input);
  const metrics = readMetrics(input, layout.metrics, new Formulas(samples, layout.samples));
  const record: Draft = {
    t: 'run',
    ...place,
    late,
    took,
    verdict: verdictOf(head & 3),
    metrics,
    absent: absentOf(layout.absent),
    stamps,
  };
  if (finding !== undefined) record.finding = finding;
  if (samples !== undefined) record.samples = samples;
  if ((head & INSTANCES) !== 0) record.instances = readInstances(input, layouts);
  if (flags !== undefined) record.flags = flags;
  if (log !== undefined) record.log = log;
  return { record, detail };
}

const absentOf = (entries: readonly (readonly [string, Absent[string]])[]): Absent =>
  Object.fromEntries(entries) as Absent;

function writeMetrics(out: ByteWriter, metrics: Metrics, formulas: Formulas): void {
  let before: MetricValue | undefined;
  for (const id in metrics) {
    const value = metrics[id] as MetricValue;
    const formula = typeof value === 'number' && !Number.isInteger(value) ? formulas.find(value, before) : null;
    if (formula === null) writeValue(out, value);
    else writePrediction(out, formula);
    before = value;
  }
}

function readMetrics(input: ByteReader, ids: readonly string[], formulas: Formulas): Metrics {
  const metrics: Metrics = {};
  let before: MetricValue | undefined;
  for (const id of ids) {
    before = readValue(input, (formula) => formulas.value(formula, before));
    metrics[id] = before;
  }
  return metrics;
}

function writeInstances(out: ByteWriter, instances: Instances, layouts: LayoutBook): void {
  const none = new Formulas(undefined, []);
  out.varint(instances.length);
  for (const { key, metrics, absent } of instances) {
    out.text(JSON.stringify(key));
    out.varint(layouts.idFor(metrics, absent));
    writeMetrics(out, metrics, none);
  }
}

function readInstances(input: ByteReader, layouts: LayoutBook): Instances {
  const none = new Formulas(undefined, []);
  const instances: Instances = [];
  for (let left = input.varint(); left > 0; left -= 1) {
    const key = JSON.parse(input.text()) as string;
    const layout = layouts.layout(input.varint());
    instances.push({ key, metrics: readMetrics(input, layout.metrics, none), absent: absentOf(layout.absent) });
  }
  return instances;
}
