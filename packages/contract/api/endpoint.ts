import type { Static, TSchema } from 'typebox';

/**
 * One operation of the HTTP API. The control plane serves it, the client calls it, and the OpenAPI document describes it:
 * all three from this one value.
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With Fastify's `:name` for parameters. */
  readonly path: `/${string}`;
  /** One sentence for the API's reader. */
  readonly summary: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Status of success. */
  readonly status: 200 | 201 | 202 | 204;
  /** What is answered on success; absent for 204. */
  readonly answer?: TSchema;
  /** Makes an object: takes an `Idempotency-Key`. */
  readonly creates?: true;
  /** Changes an object that has a version: takes an `If-Match`. */
  readonly changes?: true;
}

type Part<E, K extends string> = E extends { readonly [key in K]: infer S extends TSchema }
  ? { readonly [key in K]: Static<S> }
  : object;

/** What a caller gives: `params`, `query` and `body`, each only where the endpoint has one. */
export type EndpointInput<E extends Endpoint> = Part<E, 'params'> & Partial<Part<E, 'query'>> & Part<E, 'body'>;

/** What is answered on success. */
export type EndpointAnswer<E extends Endpoint> = E extends { readonly answer: infer S extends TSchema }
  ? Static<S>
  : undefined;

/** Declares an endpoint; the compiler keeps its exact type. */
export function endpoint<const E extends Endpoint>(declared: E): E {
  return declared;
}
