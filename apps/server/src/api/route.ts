import { issueWords, wrongFields } from '@netsonde/protocol';
import { digits } from '@netsonde/protocol/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Access, Caller } from '../auth/caller.ts';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { invalid } from './problem.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A handler's input: the validated parts of its request, and the caller. */
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
  /** Completes a body before validation, when it may still be any value. */
  readonly prepare?: (body: unknown, params: z.output<P>) => unknown;
  readonly answer?: A;
  /** Largest body, bytes. Default: small for anonymous callers, else enough for a user's few fields. */
  readonly bodyLimit?: number;
  /** Status of success. 204 has no body. Default 200. */
  readonly status?: 200 | 201 | 204;
  /** Content type of a response that the handler writes itself. */
  readonly contentType?: string;
  /** Description of a response that the handler writes itself, for the reference. */
  readonly written?: z.ZodType;
  /** Statuses of the handler's own refusals, besides those that follow from this declaration. */
  readonly refusals?: readonly number[];
  /** Set for routes that forms call while the user types. Invalid requests are then logged only at debug. */
  readonly whileTyping?: boolean;
  readonly handle: (request: RouteRequest<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<A>> | z.input<A>;
}

/** A declared route of the API. Its validation, OpenAPI entry and access check derive from it. */
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
  readonly bodyLimit: number;
  readonly refusals: readonly number[];
  readonly whileTyping: boolean;
  readonly respond: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

/**
 * Declares a route. Its schemas type its handler. Queries and bodies with unknown fields are refused, even if a route
 * declares neither.
 */
export function route<
  P extends z.ZodType = z.ZodVoid,
  Q extends z.ZodType = z.ZodVoid,
  B extends z.ZodType = z.ZodVoid,
  A extends z.ZodType = z.ZodVoid,
>(declaration: Declaration<P, Q, B, A>): ApiRoute {
  const { method, access, params, body, answer, handle, status = 200, contentType } = declaration;
  const { prepare = (given: unknown) => given, written, refusals = [], whileTyping = false } = declaration;
  const { bodyLimit = access === 'public' ? BODY_LIMITS.public : BODY_LIMITS.ordinary } = declaration;
  const query = strict(declaration.query);
  const given = body ?? (method === 'GET' ? undefined : NO_FIELDS);
  return Object.freeze({
    ...declaration,
    params,
    query,
    body,
    answer: answer ?? written,
    status,
    contentType: contentType ?? 'application/json',
    bodyLimit,
    refusals,
    whileTyping,
    respond: async (raw: FastifyRequest, reply: FastifyReply) => {
      const found = parse(params, raw.params) as z.output<P>;
      const request = {
        params: found,
        query: parse(query, raw.query) as z.output<Q>,
        body: parse(given, prepare(raw.body, found)) as z.output<B>,
        caller: raw.caller,
        raw,
        reply,
      };
      reply.header('cache-control', 'no-store');
      const result = await handle(request);
      return contentType === undefined ? reply.code(status).send(status === 204 ? undefined : result) : reply;
    },
  });
}

/** Registers a declared route under a prefix. */
export function register(app: FastifyInstance, prefix: string, route: ApiRoute): void {
  const { method, path, access, bodyLimit, whileTyping, respond } = route;
  const config = { access, whileTyping, needsBody: needsBody(route) };
  app.route({ method, url: prefix + path, bodyLimit, config, exposeHeadRoute: false, handler: respond });
}

/** Whether a route requires a body. It does not if all its fields are optional. */
export const needsBody = ({ body }: Pick<ApiRoute, 'body'>): boolean =>
  body !== undefined && !body.safeParse({}).success;

/** `/tests/:id` and its like. */
export const idParams = z.object({ id: digits(1) });

const NO_FIELDS = z.strictObject({});

const strict = (schema: z.ZodType = NO_FIELDS): z.ZodType => (schema instanceof z.ZodObject ? schema.strict() : schema);

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const { success, data, error } = schema.safeParse(value === undefined ? {} : value, { error: issueWords });
  if (!success) throw invalid(wrongFields(error));
  return data;
}
