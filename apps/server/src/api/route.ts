import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Access, Caller } from '../auth/caller.ts';
import { invalid } from './problem.ts';
import { wrongFields } from './wrong-fields.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a handler is given: the validated parts of its request, and who makes it. */
export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  readonly raw: FastifyRequest;
  readonly reply: FastifyReply;
}

interface Declaration<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  readonly method: Method;
  /** Below `/api/v1`, parameters as `:name`. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer?: A;
  /** Of success; 204 goes without a body. Default 200. */
  readonly status?: 200 | 201 | 204;
  /** Of the answer, where it is not JSON: the handler writes it itself. */
  readonly contentType?: string;
  readonly handle: (request: RouteRequest<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<A>> | z.input<A>;
}

/** A declared route of the API; validation, its line in OpenAPI and its place in the guard all derive from it. */
export interface ApiRoute {
  readonly method: Method;
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType | undefined;
  readonly status: 200 | 201 | 204;
  readonly contentType: string;
  readonly respond: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

/** Declares a route: its schemas type its handler. Queries refuse unknown fields, as bodies do. */
export function route<
  P extends z.ZodType = z.ZodVoid,
  Q extends z.ZodType = z.ZodVoid,
  B extends z.ZodType = z.ZodVoid,
  A extends z.ZodType = z.ZodVoid,
>(declaration: Declaration<P, Q, B, A>): ApiRoute {
  const { params, body, answer, handle, status = 200, contentType = 'application/json' } = declaration;
  const query = strict(declaration.query);
  return Object.freeze({
    ...declaration,
    params,
    query,
    body,
    answer,
    status,
    contentType,
    respond: async (raw: FastifyRequest, reply: FastifyReply) => {
      const request = {
        params: parse(params, raw.params) as z.output<P>,
        query: parse(query, raw.query) as z.output<Q>,
        body: parse(body, raw.body) as z.output<B>,
        caller: raw.caller,
        raw,
        reply,
      };
      const result = await handle(request);
      return contentType === 'application/json' ? reply.code(status).send(status === 204 ? undefined : result) : reply;
    },
  });
}

/** Registers a declared route under a prefix. */
export function register(app: FastifyInstance, prefix: string, { method, path, access, respond }: ApiRoute): void {
  app.route({ method, url: prefix + path, config: { access }, exposeHeadRoute: false, handler: respond });
}

/** `/tests/:id` and its like. */
export const idParams = z.object({ id: z.coerce.number<string>().int().positive() });

const strict = (schema: z.ZodType | undefined): z.ZodType | undefined =>
  schema instanceof z.ZodObject ? schema.strict() : schema;

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const { success, data, error } = schema.safeParse(value ?? {});
  if (!success) throw invalid(wrongFields(error));
  return data;
}
