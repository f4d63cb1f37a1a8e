import { distributionOf, interarrivalJitter, lossPct, meanAbsoluteIpdv, mosFromR } from '@netsonde/metrics';
import type { RunRecord } from '@netsonde/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyNumber, anyRun } from '../../records.test-data.ts';
import { Block } from './block.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { LayoutBook, type LayoutTable } from './layouts.ts';
import { LogBatch, readLogEntry, skimLog } from './log-batch.ts';
import { readNumbers, writeNumbers } from './number-column.ts';
import { predictFromSamples, predictMos } from './predictors.ts';
import type { Row } from './row.ts';
import { writeBlock } from './write-block.ts';

function memoryTable(): LayoutTable {
  const texts: string[] = [];
  return {
    find: (json) => (texts.includes(json) ? texts.indexOf(json) : undefined),
    idOf(json) {
      if (!texts.includes(json)) texts.push(json);
      return texts.indexOf(json);
    },
    textOf: (id) => texts[id] ?? '',
  };
}

const withoutDetail = ({ detail: _, ...rest }: RunRecord): RunRecord => rest;
const anyRow: fc.Arbitrary<Row> = fc.record({
  epoch: fc.integer({ min: 0, max: 2 ** 45 }),
  detail: fc.nat(1000),
  record: anyRun().map(withoutDetail),
});

describe('numbers', () => {
  test('a column returns each double to the last bit', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 1, maxLength: 300 }), (values) => {
        const out = new ByteWriter();
        writeNumbers(out, Float64Array.from(values));
        expect(Array.from(readNumbers(new ByteReader(out.copy()), values.length))).toEqual(values);
      }),
    );
  });

  test('a large value beside a small one with more decimals is restored to the last bit', () => {
    for (const values of [
      [25_478_317_051_839.7, 6.489181],
      [1_234_567_890.5, 0.123457],
      [8e9, 0.000001],
    ]) {
      const out = new ByteWriter();
      writeNumbers(out, Float64Array.from(values));
      expect([...readNumbers(new ByteReader(out.copy()), values.length)]).toEqual(values);
    }
  });

  test('doubles of one order of magnitude are restored to the last bit and take fewer bytes', () => {
    const near = fc.integer({ min: 0, max: 2 ** 40 }).map((steps) => 92 + steps * 2 ** -46);
    fc.assert(
      fc.property(fc.array(near, { minLength: 50, maxLength: 80 }), (values) => {
        const out = new ByteWriter();
        writeNumbers(out, Float64Array.from(values));
        expect(out.length).toBeLessThan(values.length * 6);
        expect(Array.from(readNumbers(new ByteReader(out.copy()), values.length))).toEqual(values);
      }),
    );
  });

  test('evenly spaced instants take a few bytes in total, and varied ones only the bits of their steps', () => {
    const out = new ByteWriter();
    writeNumbers(
      out,
      Float64Array.from({ length: 1000 }, (_, i) => 1_700_000_000_123 + i * 1000),
    );
    expect(out.length).toBeLessThan(20);
    out.reset();
    writeNumbers(
      out,
      Float64Array.from({ length: 1000 }, (_, i) => (20_000_000 + ((i * 7919) % 2 ** 20)) / 1e6),
    );
    expect(out.length).toBeLessThan((1000 * 20) / 8 + 40);
  });
});

test('formulas of the file format still agree with the metrics package to the last bit', () => {
  const list = fc.array(
    fc.option(
      fc.integer({ min: 1, max: 60_000_000 }).map((ns) => ns / 1e6),
      { freq: 6 },
    ),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(list, (samples) => {
      const of = distributionOf(samples);
      const received = samples.filter((sample) => sample !== null).length;
      const wanted = [
        of?.min,
        of?.avg,
        of?.median,
        of?.p95,
        of?.max,
        of?.stddev,
        interarrivalJitter(samples),
        meanAbsoluteIpdv(samples),
        lossPct(samples.length, received),
      ];
      expect(Array.from(predictFromSamples(samples), (value) => (Number.isNaN(value) ? undefined : value))).toEqual(
        wanted,
      );
    }),
  );
  fc.assert(fc.property(fc.double({ noNaN: true }), (r) => Object.is(predictMos(r), mosFromR(r))));
});

describe('rows', () => {
  test('rows are restored from a log batch unchanged', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 12 }), (rows) => {
        const layouts = new LayoutBook(memoryTable());
        const batch = new LogBatch(layouts);
        rows.forEach((row, i) => {
          batch.add(i * 100, row);
        });
        const bytes = batch.take();
        const back: Row[] = [];
        skimLog(bytes, (entry) => {
          expect(entry.series).toBe(back.length * 100);
          back.push(readLogEntry(bytes, entry.offset, { check: 1, target: 2 }, layouts));
        });
        expect(back).toEqual(rows);
      }),
    );
  });

  test('the cache of layouts is bounded by their size, and layouts that it forgot are read again', () => {
    const layouts = new LayoutBook(memoryTable());
    const metricsOf = (place: number) =>
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${'m'.repeat(50)}_${place}_${i}`, 1]));
    const ids = Array.from({ length: 300 }, (_, place) => layouts.idFor(metricsOf(place), {}));
    for (let round = 0; round < 2; round += 1)
      ids.forEach((id, place) => {
        expect(layouts.layout(id).metrics).toEqual(Object.keys(metricsOf(place)));
        expect(layouts.cachedCharacters).toBeLessThanOrEqual(2 * 1024 * 1024);
      });
  });

  test('rows are restored from a block unchanged', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 20 }), (rows) => {
        const table = memoryTable();
        const block = new Block(writeBlock(rows, table.idOf), table.textOf);
        expect(rows.map((_, i) => block.row(i, { check: 1, target: 2 }))).toEqual(rows);
      }),
    );
  });
});
