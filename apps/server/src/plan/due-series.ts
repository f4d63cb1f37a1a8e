import type { Span } from './span.ts';

/** Numbers per series in a list of due series: agent, target, since when and until when it is due, epoch ms. */
const FIELDS = 4;

/** Due series of one check as a list of numbers. Threads share its memory: it costs the same to send, however long. */
export function listDueSeries(byAgent: ReadonlyMap<number, ReadonlyMap<number, Span>>): Float64Array {
  let count = 0;
  for (const byTarget of byAgent.values()) count += byTarget.size;
  const list = sharedList(count);
  let place = 0;
  for (const byTarget of byAgent.values())
    for (const span of byTarget.values()) {
      write(list, place, span);
      place += FIELDS;
    }
  return list;
}

/** As {@link listDueSeries}, of spans in any order. */
export function listDueSpans(spans: readonly Pick<Span, 'agent' | 'target' | 'fromMs' | 'toMs'>[]): Float64Array {
  const list = sharedList(spans.length);
  spans.forEach((span, index) => {
    write(list, index * FIELDS, span);
  });
  return list;
}

const sharedList = (count: number): Float64Array =>
  new Float64Array(new SharedArrayBuffer(count * FIELDS * Float64Array.BYTES_PER_ELEMENT));

function write(
  list: Float64Array,
  place: number,
  { agent, target, fromMs, toMs }: Pick<Span, 'agent' | 'target' | 'fromMs' | 'toMs'>,
): void {
  list[place] = agent;
  list[place + 1] = target;
  list[place + 2] = fromMs;
  list[place + 3] = toMs ?? Number.POSITIVE_INFINITY;
}
