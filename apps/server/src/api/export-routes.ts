import { Readable } from 'node:stream';
import { resultSchema, resultsQuerySchema } from '@netsonde/protocol/api';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { csvColumns, csvLine } from './csv.ts';
import type { ApiParts } from './parts.ts';
import { resultFilter } from './result-filter.ts';
import { type ApiRoute, idParams, route } from './route.ts';
import { toResult } from './to-result.ts';

const exportQuery = resultsQuerySchema.omit({ limit: true });

/** A test's results as files, streamed oldest first: no export is held in memory. */
export function exportRoutes(parts: ApiParts): readonly ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/tests/:id/export.csv',
      access: 'viewer',
      tag: 'Results',
      summary: 'A test’s results as CSV: a column per metric and sample, absences with their reasons.',
      params: idParams,
      query: exportQuery,
      contentType: 'text/csv',
      written: z.string(),
      handle: ({ params: { id }, query, reply }) => {
        const filter = resultFilter(parts, id, query);
        const probes = parts.planner.directory.checks(id).filter(({ check }) => filter.checks.includes(check));
        const columns = csvColumns(
          parts.catalog,
          probes.map(({ probe }) => probe),
        );
        const lines = async function* () {
          yield csvLine(columns.map(({ name }) => name));
          for await (const page of pages(parts, filter))
            yield page.map((result) => csvLine(columns.map(({ cell }) => cell(result)))).join('');
        };
        return sendFile(reply, `netsonde-test-${id}.csv`, 'text/csv; charset=utf-8; header=present', lines());
      },
    }),
    route({
      method: 'GET',
      path: '/tests/:id/export.json',
      access: 'viewer',
      tag: 'Results',
      summary: 'A test’s results as one JSON array.',
      params: idParams,
      query: exportQuery,
      contentType: 'application/json',
      written: z.array(resultSchema),
      handle: ({ params: { id }, query, reply }) => {
        const filter = resultFilter(parts, id, query);
        const text = async function* () {
          let lead = '[\n';
          for await (const page of pages(parts, filter))
            for (const result of page) {
              yield lead + JSON.stringify(result);
              lead = ',\n';
            }
          yield lead === '[\n' ? '[]\n' : '\n]\n';
        };
        return sendFile(reply, `netsonde-test-${id}.json`, 'application/json; charset=utf-8', text());
      },
    }),
  ];
}

async function* pages(parts: ApiParts, filter: ReturnType<typeof resultFilter>) {
  for await (const page of parts.store.scan(filter))
    yield page.map((stored) => toResult(parts.planner, stored, stored.record)).filter((result) => result !== null);
}

function sendFile(reply: FastifyReply, name: string, type: string, text: AsyncIterable<string>): void {
  reply.header('content-disposition', `attachment; filename="${name}"`).type(type);
  reply.send(Readable.from(text, { objectMode: false }));
}
