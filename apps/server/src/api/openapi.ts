import type { Catalog } from '@netsonde/probes/catalog';
import { problemSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { answersOf } from './answers.ts';
import { titleOf } from './problem.ts';
import { type ApiRoute, needsBody } from './route.ts';

/** Plain JSON of the OpenAPI document. */
export type OpenApi = Readonly<Record<string, unknown>>;

interface Described {
  readonly routes: readonly ApiRoute[];
  readonly catalog: Catalog;
  readonly version: string;
  /** URL prefix of the API, including the base path. */
  readonly prefix: string;
}

/** The OpenAPI 3.1 document of these routes, generated from the schemas that validate them. */
export function openApi({ routes, catalog, version, prefix }: Described): OpenApi {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Netsonde',
      version,
      description: 'Errors are problem details (RFC 9457) with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: prefix }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'netsonde_session',
          description: 'Changing calls send x-csrf-token too.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'An API token, nst_...' },
      },
      responses: problems(routes),
      schemas: { Problem: toJson(problemSchema, 'output'), ...optionSchemas(catalog) },
    },
  };
}

/** `icmpOptions`, `dnsOptions` ...: one component per probe. */
function optionSchemas(catalog: Catalog): Record<string, unknown> {
  return Object.fromEntries(
    Object.values(catalog).map(({ id, options }) => [`${id}Options`, toJson(options, 'input')]),
  );
}

function operation(route: ApiRoute): unknown {
  const { access, tag, summary, params, query, body } = route;
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    'x-access': access,
    security: access === 'public' ? [] : [{ session: [] }, { token: [] }],
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: needsBody(route),
            content: { 'application/json': { schema: toJson(body, 'input') } },
          },
        }),
    responses: responses(route),
  };
}

/** `GET /tests/:id/export.csv` is `getTestsByIdExportCsv`. */
function operationId({ method, path }: ApiRoute): string {
  const words = path.replace(/:/g, 'by-').split(/[^a-zA-Z0-9]+/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function responses(route: ApiRoute): Record<string, unknown> {
  const { status, contentType, answer } = route;
  const success = {
    description: 'Success',
    ...(status === 204
      ? {}
      : { content: { [contentType]: { schema: answer === undefined ? {} : toJson(answer, 'output') } } }),
  };
  const refusals = answersOf(route).filter((one) => one !== status);
  return {
    [String(status)]: success,
    ...Object.fromEntries(refusals.map((one) => [String(one), { $ref: `#/components/responses/${nameOf(one)}` }])),
    default: { $ref: '#/components/responses/Fault' },
  };
}

/** Every refusal that a route can answer with, by name. */
function problems(routes: readonly ApiRoute[]): Record<string, unknown> {
  const statuses = new Set(routes.flatMap((route) => answersOf(route).filter((one) => one !== route.status)));
  const named = [...statuses].sort((a, b) => a - b).map((one) => [nameOf(one), problem(titleOf(one))] as const);
  return Object.fromEntries([...named, ['Fault', problem('A fault of the server’s own')]]);
}

const nameOf = (status: number): string => `Problem${status}`;

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

function parameters(schema: z.ZodType | undefined, where: 'path' | 'query'): readonly unknown[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJson(schema, 'output') as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  const wanted = new Set(where === 'path' ? required : inputRequired(schema));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: wanted.has(name),
    ...(isList(property) ? { style: 'form', explode: false } : {}),
    schema: property,
  }));
}

/** Lists are comma-separated. */
const isList = (schema: unknown): boolean => (schema as { type?: unknown }).type === 'array';

const inputRequired = (schema: z.ZodType): readonly string[] =>
  (toJson(schema, 'input') as { required?: string[] }).required ?? [];

function toJson(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: plainFormat,
  });
  return json;
}

/** A named format is clearer than the pattern that checks it. */
function plainFormat({ jsonSchema }: { jsonSchema: { format?: unknown; pattern?: unknown } }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
