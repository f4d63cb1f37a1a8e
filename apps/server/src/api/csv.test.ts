import { type Catalog, declareProbe, catalog as everyProbe } from '@netsonde/probes/catalog';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { csvColumns, csvLine } from './csv.ts';

test('cells with separators are quoted, numbers stay numbers, and formulas are escaped', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines', -1.5, true, null, undefined, ''])).toBe(
    '"a,b","say ""hi""","two\nlines",-1.5,true,,,\r\n',
  );
  expect(csvLine(['=1+1', '+1', '-1', '@x', '\tx', '=a,"b"'])).toBe(`'=1+1,'+1,'-1,'@x,'\tx,"'=a,""b"""\r\n`);
});

test('formulas in full-width characters and on later lines of a cell are escaped too', () => {
  expect(csvLine(['\uFF1D1+1', '\uFF0B1', '\uFF0D1', '\uFF20x', 'x\uFF1D1'])).toBe(
    "'\uFF1D1+1,'\uFF0B1,'\uFF0D1,'\uFF20x,x\uFF1D1\r\n",
  );
  expect(csvLine(['a\n=1+1', 'a\r\n@x', '\n\uFF1D1'])).toBe(`"a\n'=1+1","a\r\n'@x","\n'\uFF1D1"\r\n`);
});

test('each metric and sample of all probes has one column by its id, and absences show their reasons', () => {
  const metric = (id: string) =>
    ({
      id,
      label: id,
      description: '',
      kind: 'float',
      unit: 'ms',
      better: 'lower',
      aggregate: 'mean',
      source: 'this suite',
    }) as const;
  const knock = declareProbe({
    id: 'knock',
    label: 'Knock',
    summary: 'Exists in this suite only',
    target: { form: 'host' },
    options: z.strictObject({}),
    metrics: [metric('knock_ms'), metric('rtt_avg_ms')],
    samples: [{ id: 'knocks_ms', label: 'Knocks', description: '', unit: 'ms' }],
    instance: { label: 'door', metrics: [] },
    needs: [],
    cost: () => ({ packets: 1, bytes: 1, seconds: 1, leastSeconds: 0, resolvingSeconds: 0 }),
  });
  const catalog: Catalog = { ...everyProbe, knock };
  const columns = csvColumns(catalog, ['icmp', 'knock', 'icmp'], { test: 'Doors', checks: new Map([[1, 'Knock']]) });
  const names = columns.map(({ name }) => name);
  expect(names.slice(-2)).toEqual(['test_name', 'check_name']);
  expect(names.filter((name) => name === 'rtt_avg_ms')).toHaveLength(1);
  expect(names).toEqual(
    expect.arrayContaining(['at', 'verdict', 'loss_pct', 'knock_ms', 'absent', 'knocks_ms', 'instances']),
  );
  const result = {
    at: '2026-01-01T00:00:00.000Z',
    epoch: 1,
    agent: 1,
    agentName: 'a',
    test: 1,
    probe: 'knock',
    address: 'x',
    seq: 0,
    check: 1,
    target: 1,
    late: 0,
    took: 12.299999952316284,
    verdict: 'up' as const,
    metrics: { knock_ms: 0.1 + 0.2 },
    absent: { rtt_avg_ms: 'timed_out' as const },
    samples: { knocks_ms: [1.1 + 2.2, null] },
    stamps: { kernel: 1, process: 0 },
  };
  const cells = Object.fromEntries(columns.map(({ name, cell }) => [name, cell(result)]));
  expect(cells).toMatchObject({
    knock_ms: 0.3,
    took_ms: 12.3,
    rtt_avg_ms: undefined,
    absent: 'rtt_avg_ms=timed_out',
    knocks_ms: '[3.3,null]',
    stamps_kernel: 1,
    test_name: 'Doors',
    check_name: 'Knock',
  });
});
