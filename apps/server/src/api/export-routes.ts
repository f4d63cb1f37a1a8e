import { Readable } from 'node:stream';
import { resultSchema, resultsQuerySchema } from '@netsonde/protocol/api';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Asker, Damaged } from '../store/result-store.ts';
import { askerOf } from './asker.ts';
import { type CsvNames, csvColumns, csvLine } from './csv.ts';
import type { ApiParts } from './parts.ts';
import { resultFilter } from './result-filter.ts';
import { retiredCount } from './retired-count.ts';
import { type ApiRoute, idParams, route } from './route.ts';
import { toResult } from './to-result.ts';

const exportQuery = resultsQuerySchema.omit({ limit: true });

/** Header: upper bound, at the start, of the results in the span that cannot be read due to damage, or `unknown`. */
const DAMAGED_HEADER = 'netsonde-damaged';

/** Header: how many results of the exported span retention has deleted. Absent: none. */
const RETIRED_HEADER = 'netsonde-retired';

/**
 * Exports a test's results as files, streamed oldest first: no export is held in memory. If retention has deleted
 * results, the file's name says so, since neither format has comments that every reader ignores.
 */
export function exportRoutes(parts: ApiParts): readonly ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/tests/:id/export.csv',
      access: 'viewer',
      tag: 'Results',
      summary:
        'A test’s results as CSV: a column per metric and sample, absences with their reasons. The header netsonde-retired counts what retention has deleted of the span, netsonde-damaged what damaged files keep from it.',
      params: idParams,
      query: exportQuery,
      contentType: 'text/csv',
      written: z.string(),
      handle: async ({ params: { id }, query, reply, caller }) => {
        const filter = resultFilter(parts, id, query);
        const retired = await retiredCount(parts.store, filter);
        const probes = parts.planner.directory.checks(id).filter(({ check }) => filter.checks.includes(check));
        const columns = csvColumns(
          parts.catalog,
          probes.map(({ probe }) => probe),
          csvNames(parts, id),
        );
        const lines = async function* () {
          yield csvLine(columns.map(({ name }) => name));
          for await (const page of pages(parts, filter, askerOf({ caller, reply })))
            yield page.map((result) => csvLine(columns.map(({ cell }) => cell(result)))).join('');
        };
        sendFile(reply, {
          name: `netsonde-test-${id}`,
          ending: 'csv',
          type: 'text/csv; charset=utf-8; header=present',
          retired,
          damaged: parts.store.damaged(filter),
          text: lines(),
        });
      },
    }),
    route({
      method: 'GET',
      path: '/tests/:id/export.json',
      access: 'viewer',
      tag: 'Results',
      summary:
        'A test’s results as one JSON array. The header netsonde-retired counts what retention has deleted of the span, netsonde-damaged what damaged files keep from it.',
      params: idParams,
      query: exportQuery,
      contentType: 'application/json',
      written: z.array(resultSchema),
      handle: async ({ params: { id }, query, reply, caller }) => {
        const filter = resultFilter(parts, id, query);
        const retired = await retiredCount(parts.store, filter);
        const text = async function* () {
          let lead = '[\n';
          for await (const page of pages(parts, filter, askerOf({ caller, reply })))
            for (const result of page) {
              yield lead + JSON.stringify(result);
              lead = ',\n';
            }
          yield lead === '[\n' ? '[]\n' : '\n]\n';
        };
        sendFile(reply, {
          name: `netsonde-test-${id}`,
          ending: 'json',
          type: 'application/json; charset=utf-8',
          retired,
          damaged: parts.store.damaged(filter),
          text: text(),
        });
      },
    }),
  ];
}

/** Names checks by their probe. Several checks with the same probe are also numbered. */
function csvNames({ planner, catalog }: ApiParts, id: number): CsvNames {
  const seen = new Map<string, number>();
  const named = planner.directory.checks(id).map(({ check, probe }) => {
    const place = (seen.get(probe) ?? 0) + 1;
    seen.set(probe, place);
    const label = catalog[probe]?.label ?? probe;
    return [check, place === 1 ? label : `${label} (${place})`] as const;
  });
  return { test: planner.test(id).name, checks: new Map(named) };
}

async function* pages(parts: ApiParts, filter: ReturnType<typeof resultFilter>, asker: Asker) {
  for await (const page of parts.store.askedBy(asker).scan(filter))
    yield page.map((stored) => toResult(parts.planner, stored, stored.record)).filter((result) => result !== null);
}

interface ExportFile {
  readonly name: string;
  readonly ending: string;
  readonly type: string;
  /** Deleted results of its span. */
  readonly retired: number;
  /** Unreadable results of its span. */
  readonly damaged: Damaged | null;
  readonly text: AsyncIterable<string>;
}

function sendFile(reply: FastifyReply, { name, ending, type, retired, damaged, text }: ExportFile): void {
  const lacks = `${retired === 0 ? '' : '-partly-retired'}${damaged === null ? '' : '-partly-damaged'}`;
  const fullName = `${name}${lacks}.${ending}`;
  if (damaged !== null) reply.header(DAMAGED_HEADER, damaged.resultsAtMost ?? 'unknown');
  if (retired > 0) reply.header(RETIRED_HEADER, retired);
  reply.header('content-disposition', `attachment; filename="${fullName}"`).type(type);
  reply.send(Readable.from(text, { objectMode: false }));
}
