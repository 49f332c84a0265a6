import type { Endpoint, EndpointAnswer, EndpointInput } from '#contract/api/endpoint.ts';

/**
 * Every operation of the API by its method and path, as types alone: the schemas stay out of what a browser loads. A new
 * file of the contract gets a line here.
 */
type Declared =
  | In<typeof import('#contract/api/account.ts')>
  | In<typeof import('#contract/api/audit.ts')>
  | In<typeof import('#contract/api/domain.ts')>
  | In<typeof import('#contract/api/factor.ts')>
  | In<typeof import('#contract/api/forwarder.ts')>
  | In<typeof import('#contract/api/image.ts')>
  | In<typeof import('#contract/api/invitation.ts')>
  | In<typeof import('#contract/api/mail-setup.ts')>
  | In<typeof import('#contract/api/load.ts')>
  | In<typeof import('#contract/api/mailbox.ts')>
  | In<typeof import('#contract/api/membership.ts')>
  | In<typeof import('#contract/api/node.ts')>
  | In<typeof import('#contract/api/person.ts')>
  | In<typeof import('#contract/api/pipe-run.ts')>
  | In<typeof import('#contract/api/plan.ts')>
  | In<typeof import('#contract/api/probe.ts')>
  | In<typeof import('#contract/api/proof.ts')>
  | In<typeof import('#contract/api/queue.ts')>
  | In<typeof import('#contract/api/search.ts')>
  | In<typeof import('#contract/api/session.ts')>
  | In<typeof import('#contract/api/signal.ts')>
  | In<typeof import('#contract/api/site.ts')>
  | In<typeof import('#contract/api/stream.ts')>
  | In<typeof import('#contract/api/support.ts')>
  | In<typeof import('#contract/api/token.ts')>;

/** The endpoints among what a module exports. */
type In<Module> = { [Name in keyof Module]: Module[Name] extends Endpoint ? Module[Name] : never }[keyof Module];

type Api = { readonly [E in Declared as `${E['method']} ${E['path']}`]: E };

/** For example `GET /v1/sites/:site`. */
export type Route = keyof Api;
export type ReadRoute = Extract<Route, `GET ${string}`>;
export type Input<R extends Route> = EndpointInput<Api[R]>;
export type Answer<R extends Route> = EndpointAnswer<Api[R]>;

/** What a route must be given; nothing where all of it may be left out. */
export type InputOf<R extends Route> = object extends Input<R> ? [input?: Input<R>] : [input: Input<R>];
