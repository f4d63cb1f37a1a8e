import { LARGEST_FIGURE, rangeFault } from '@netsonde/probes/catalog';
import { type Fields, isId, isMetricId, isObject, isShare, isText, isWhole, jsonFault } from './parts.ts';
import type { UnknownWords } from './unknown-words.ts';
import { NO_KINDS, type ProbeKinds, type Vocabulary } from './vocabulary.ts';

const MOST_FLAGS = 64;
/** Latest instant that can be kept: some 17,000 years on. */
export const LATEST = 2 ** 49;
/** Of metrics and samples that no probe of this version declares. */
const ANY_FIGURE = { least: -LARGEST_FIGURE, most: LARGEST_FIGURE };

/**
 * What is wrong with a result, beginning with the field; null when nothing is. The same records pass as by the
 * protocol's schema; beyond it, a value must be of the kind and in the range that its metric declares. Words and ids that this server
 * does not know (a newer agent's) are kept as they are; fields were looked at by `withoutNewerFields`.
 * @param unknown the agent's words and ids of metrics and samples that this version does not know
 * @param probe kinds of the check's probe; undefined where this server does not know the probe.
 */
export function runFault(
  record: Fields,
  words: Vocabulary,
  unknown: UnknownWords,
  probe: ProbeKinds = NO_KINDS,
): string | null {
  if (!isWhole(record.seq)) return 'seq: must be a whole number, 0 or more';
  if (!isId(record.check)) return 'check: must be a whole number above 0';
  if (!isId(record.target)) return 'target: must be a whole number above 0';
  if (!isWhole(record.at) || record.at > LATEST) return 'at: must be epoch ms, 0 or more';
  if (!isShare(record.late) || record.late > LATEST) return 'late: must be a number of ms, 0 to 2^49';
  if (!isShare(record.took) || record.took > LATEST) return 'took: must be a number of ms, 0 to 2^49';
  if (typeof record.verdict !== 'string' || !words.verdicts.has(record.verdict))
    return 'verdict: must be up, degraded, down or unknown';
  return (
    stampsFault(record.stamps) ??
    metricsFault(record.metrics, 'metrics', probe.metrics, unknown) ??
    absentFault(record.absent, 'absent', probe.metrics, words, unknown) ??
    optionalFault(record, words, unknown, probe)
  );
}

function optionalFault(record: Fields, words: Vocabulary, unknown: UnknownWords, probe: ProbeKinds): string | null {
  const { finding, samples, instances, flags, detail, log } = record;
  return (
    (finding === undefined ? null : findingFault(finding, words, unknown)) ??
    (samples === undefined ? null : samplesFault(samples, probe.samples, unknown)) ??
    (instances === undefined ? null : instancesFault(instances, words, unknown, probe)) ??
    (flags === undefined ? null : flagsFault(flags, words, unknown)) ??
    (detail === undefined ? null : isObject(detail) ? jsonFault(detail, 'detail') : 'detail: must be an object') ??
    (log === undefined || isListOf(log, 201, (line) => isText(line, 600))
      ? null
      : 'log: must be at most 201 lines of at most 600 characters')
  );
}

/** What is wrong with a word of a list that grows, after its path; null when nothing is. */
function wordFault(value: unknown, path: string, known: ReadonlySet<string>, unknown: UnknownWords): string | null {
  if (typeof value !== 'string') return `${path}: must be a word`;
  if (known.has(value)) return null;
  const fault = unknown.fault(value);
  return fault === null ? null : `${path}: ${fault}`;
}

function flagsFault(flags: unknown, words: Vocabulary, unknown: UnknownWords): string | null {
  if (!Array.isArray(flags) || flags.length > MOST_FLAGS) return `flags: must be a list of at most ${MOST_FLAGS} flags`;
  for (let i = 0; i < flags.length; i += 1) {
    const fault = wordFault(flags[i], `flags.${i}`, words.flags, unknown);
    if (fault !== null) return fault;
  }
  return null;
}

const isListOf = (value: unknown, most: number, fits: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= most && value.every(fits);

function stampsFault(stamps: unknown): string | null {
  return isObject(stamps) && isWhole(stamps.kernel) && isWhole(stamps.process)
    ? null
    : 'stamps: must be { kernel, process }, each a count';
}

function findingFault(finding: unknown, words: Vocabulary, unknown: UnknownWords): string | null {
  if (!isObject(finding)) return 'finding: must be { cause, side, operation }';
  return (
    wordFault(finding.cause, 'finding.cause', words.causes, unknown) ??
    wordFault(finding.side, 'finding.side', words.sides, unknown) ??
    (isText(finding.operation, 500) ? null : 'finding.operation: must be a text of at most 500 characters')
  );
}

/** What is wrong with the id of a metric or of samples, after its path; null when nothing is. */
function idFault(
  id: string,
  path: string,
  { known, unknown }: { readonly known: { has(id: string): boolean }; readonly unknown: UnknownWords },
): string | null {
  if (known.has(id)) return null;
  if (!isMetricId(id)) return `${path}.${id.slice(0, 64)}: is no id of a metric or of samples`;
  const fault = unknown.fault(id);
  return fault === null ? null : `${path}.${id}: ${fault}`;
}

function metricsFault(
  metrics: unknown,
  path: string,
  kinds: ProbeKinds['metrics'],
  unknown: UnknownWords,
): string | null {
  if (!isObject(metrics)) return `${path}: must be an object`;
  for (const id in metrics) {
    const fault = idFault(id, path, { known: kinds, unknown });
    if (fault !== null) return fault;
    const value = metrics[id];
    const declared = kinds.get(id);
    if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'boolean' && !isText(value, 4096))
      return `${path}.${id}: must be a finite number, a boolean or a text of at most 4096 characters`;
    if (declared !== undefined && !fitsKind(declared.kind, value))
      return `${path}.${id}: is declared as ${declared.kind}, got ${typeof value}`;
    const range = typeof value === 'number' ? rangeFault(declared ?? ANY_FIGURE, value) : null;
    if (range !== null) return `${path}.${id}: ${range}`;
  }
  return null;
}

function fitsKind(kind: 'float' | 'integer' | 'boolean' | 'text', value: unknown): boolean {
  switch (kind) {
    case 'float':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
  }
}

function absentFault(
  absent: unknown,
  path: string,
  kinds: ProbeKinds['metrics'],
  words: Vocabulary,
  unknown: UnknownWords,
): string | null {
  if (!isObject(absent)) return `${path}: must be an object`;
  for (const id in absent) {
    const fault =
      idFault(id, path, { known: kinds, unknown }) ?? wordFault(absent[id], `${path}.${id}`, words.absences, unknown);
    if (fault !== null) return fault;
  }
  return null;
}

function samplesFault(samples: unknown, known: ProbeKinds['samples'], unknown: UnknownWords): string | null {
  if (!isObject(samples)) return 'samples: must be an object';
  for (const id in samples) {
    const fault = idFault(id, 'samples', { known, unknown });
    if (fault !== null) return fault;
    if (!isListOf(samples[id], 4096, (sample) => sample === null || Number.isFinite(sample)))
      return `samples.${id}: must be a list of at most 4096 numbers or nulls`;
    const range = known.get(id) ?? ANY_FIGURE;
    for (const sample of samples[id] as readonly (number | null)[]) {
      const fault = sample === null ? null : rangeFault(range, sample);
      if (fault !== null) return `samples.${id}: ${fault}`;
    }
  }
  return null;
}

function instancesFault(
  instances: unknown,
  words: Vocabulary,
  unknown: UnknownWords,
  probe: ProbeKinds,
): string | null {
  if (!Array.isArray(instances) || instances.length > 512) return 'instances: must be a list of at most 512';
  for (let i = 0; i < instances.length; i += 1) {
    const instance: unknown = instances[i];
    if (!isObject(instance)) return `instances.${i}: must be { key, metrics, absent }`;
    const key = instance.key;
    if (!isText(key, 200) || key === '') return `instances.${i}.key: must be a text of 1 to 200 characters`;
    const fault =
      metricsFault(instance.metrics, `instances.${i}.metrics`, probe.instanceMetrics, unknown) ??
      absentFault(instance.absent, `instances.${i}.absent`, probe.instanceMetrics, words, unknown);
    if (fault !== null) return fault;
  }
  return null;
}
