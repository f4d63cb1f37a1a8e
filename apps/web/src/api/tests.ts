import {
  overviewSchema,
  type resultsQuerySchema,
  resultsSchema,
  type seriesQuerySchema,
  seriesSchema,
  type Test,
  type TestInput,
  testSchema,
} from '@netsonde/protocol/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { serverPath } from '../app/base-path.ts';
import { call, nothing } from './client.ts';
import { queryString } from './query-string.ts';

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => call(overviewSchema, 'overview', { signal }),
  refetchInterval: 10_000,
});

export const testsQuery = queryOptions({
  queryKey: ['tests'],
  queryFn: ({ signal }) => call(z.array(testSchema), 'tests', { signal }),
  refetchInterval: 15_000,
});

export const testQuery = (id: number) =>
  queryOptions({
    queryKey: ['tests', id],
    queryFn: ({ signal }) => call(testSchema, `tests/${id}`, { signal }),
    refetchInterval: 15_000,
  });

export const createTest = (input: TestInput): Promise<Test> =>
  call(testSchema, 'tests', { method: 'POST', body: input });
export const changeTest = (id: number, input: TestInput): Promise<Test> =>
  call(testSchema, `tests/${id}`, { method: 'PUT', body: input });
export const startTest = (id: number): Promise<unknown> => call(nothing, `tests/${id}/start`, { method: 'POST' });
export const stopTest = (id: number): Promise<unknown> => call(nothing, `tests/${id}/stop`, { method: 'POST' });
export const deleteTest = (id: number): Promise<unknown> => call(nothing, `tests/${id}`, { method: 'DELETE' });

type Loose<Query> = { readonly [Key in keyof Query]?: Query[Key] | undefined };

/** Which results; undefined: all. */
export type ResultFilter = Loose<z.output<typeof resultsQuerySchema>>;

export const resultsQuery = (test: number, filter: ResultFilter) =>
  queryOptions({
    queryKey: ['results', test, filter],
    queryFn: ({ signal }) => call(resultsSchema, `tests/${test}/results${queryString({ ...filter })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** The question of a chart; it draws no percentiles. */
type SeriesQuery = Loose<Omit<z.output<typeof seriesQuerySchema>, 'percentiles'>>;

export const readSeries = (test: number, question: SeriesQuery, signal: AbortSignal) =>
  call(seriesSchema, `tests/${test}/series${queryString({ ...question })}`, { signal });

/** Address of an export, for a link that downloads it. */
export const exportAddress = (test: number, format: 'csv' | 'json', filter: ResultFilter = {}): string =>
  serverPath(`api/v1/tests/${test}/export.${format}${queryString({ ...filter })}`);
