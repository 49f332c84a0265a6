import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Value } from 'typebox/value';
import type { Endpoint, EndpointAnswer, EndpointInput } from '#contract/api/endpoint.ts';
import { Problem } from '#contract/api/problem.ts';
import { HofjeError } from '#model/error.ts';
import type { Connection } from './connection.ts';

export interface CallOptions {
  /** Milliseconds without an answer after which the call is given up. */
  readonly patienceMs?: number;
}

/** Waiting for a node takes longer than a plain answer, building nothing ever does. */
const PATIENCE_MS = 120_000;
/** By this the audit tells the command line from other programs. */
const USER_AGENT = 'hofje-cli';

/** The HTTP API as functions: an endpoint of the contract goes in, its answer comes out. */
export interface Client {
  readonly connection: Connection;
  call<E extends Endpoint>(endpoint: E, input: EndpointInput<E>, options?: CallOptions): Promise<EndpointAnswer<E>>;
  /** Calls an endpoint that answers a stream of text; reading it fails when it breaks off. */
  read<E extends Endpoint>(
    endpoint: E,
    input: EndpointInput<E>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Readable>;
  /** Sends bytes as they come and gives back the JSON that is answered. */
  send(path: string, body: Readable, contentType: string): Promise<unknown>;
  /** For WebSockets: who asks, and whom to believe. */
  readonly tls: { readonly ca?: string; readonly agent: Agent };
}

export function makeClient(connection: Connection): Client {
  // An agent of its own: no proxy of the environment comes between us and the API.
  const agent = new Agent({ keepAlive: true, ...(connection.ca !== undefined && { ca: connection.ca }) });
  const ask = (options: RequestOptions, path: string) => {
    const headers = {
      authorization: `Bearer ${connection.token}`,
      accept: 'application/json',
      'user-agent': USER_AGENT,
      ...options.headers,
    };
    return request(new URL(path, connection.url), { ...options, headers, agent });
  };
  return {
    connection,
    tls: { agent, ...(connection.ca !== undefined && { ca: connection.ca }) },
    async call(endpoint, input, { patienceMs = PATIENCE_MS } = {}) {
      const { params, query, body } = partsOf(input);
      const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers = {
        ...(content !== undefined && { 'content-type': 'application/json', 'content-length': content.length }),
        ...(endpoint.creates === true && { 'idempotency-key': randomUUID() }),
      };
      const asked = ask({ method: endpoint.method, headers }, pathOf(endpoint.path, params, query));
      asked.setTimeout(patienceMs, () => asked.destroy(new Error(`no answer for ${patienceMs / 1000} s`)));
      asked.end(content);
      return (await answerOf(asked, connection.url)) as never;
    },
    async read(endpoint, input, headers = {}) {
      const { params, query } = partsOf(input);
      const asked = ask(
        { method: endpoint.method, headers: { accept: '*/*', ...headers } },
        pathOf(endpoint.path, params, query),
      );
      asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error(`no answer for ${PATIENCE_MS / 1000} s`)));
      asked.end();
      const response = await responseOf(asked, connection.url);
      if (response.statusCode === endpoint.status) return response;
      throw problemOf(response.statusCode ?? 0, parse(await text(response)));
    },
    async send(path, body, contentType) {
      const asked = ask({ method: 'POST', headers: { 'content-type': contentType } }, path);
      body.on('error', (error) => asked.destroy(error));
      body.pipe(asked);
      return await answerOf(asked, connection.url);
    },
  };
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The parts of an input, seen without the types of its endpoint. */
function partsOf(input: object): Parts {
  return input;
}

/** The path with its parameters and query filled in, each encoded. Pure. */
export function pathOf(template: string, params: Parts['params'] = {}, query: Parts['query'] = {}): string {
  const path = template.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new RangeError(`${template} needs ${name}`);
    return encodeURIComponent(String(value));
  });
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)])))}`;
}

type Asked = ReturnType<typeof request>;

async function responseOf(asked: Asked, url: URL): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    asked.on('response', resolve);
    asked.on('error', (error) => reject(unavailable(error, url)));
  });
}

async function answerOf(asked: Asked, url: URL): Promise<unknown> {
  const response = await responseOf(asked, url);
  const body = await text(response).catch((error: unknown) => {
    throw unavailable(error, url);
  });
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return body === '' ? undefined : parse(body);
  throw problemOf(status, parse(body));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The error that a problem document describes. Pure. */
export function problemOf(status: number, document: unknown): HofjeError {
  if (!Value.Check(Problem, document)) {
    return new HofjeError('api.unexpected', `the API answered ${status} without saying why`);
  }
  const { code, detail, title, field, hint } = document;
  const kind = status === 401 ? 'auth.required' : status === 403 ? 'auth.forbidden' : code;
  return new HofjeError(kind, detail || title, { ...(field && { field }), ...(hint && { hint }) });
}

function unavailable(error: unknown, url: URL): HofjeError {
  const why = error instanceof Error ? error.message : String(error);
  return new HofjeError('api.unavailable', `the API at ${url.origin} does not answer: ${why}`, {
    hint: 'Is the platform running? `hofje status` tells, `hofje up` starts it.',
    cause: error,
  });
}
