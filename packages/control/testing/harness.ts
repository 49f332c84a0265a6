import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Endpoint, EndpointAnswer, EndpointInput } from '#contract/api/endpoint.ts';
import type { Problem } from '#contract/api/problem.ts';
import { startPostgres, type TestPostgres } from '#test/support/postgres.ts';
import { type Config, decideConfig } from '../config.ts';
import { type Control, startControl } from '../control.ts';
import { makeLog } from '../log.ts';

/** A control plane with a database of its own, as tests use it: over TLS, like everybody else. */
export interface TestControl {
  readonly postgres: TestPostgres;
  readonly config: Config;
  readonly control: Control;
  readonly url: string;
  readonly token: string;
  readonly ca: string;
  /** Lines that were logged. */
  readonly logged: string[];
  /** Calls an endpoint as the operator and gives its answer; throws what is no success. */
  call<E extends Endpoint>(endpoint: E, input: EndpointInput<E>, headers?: Headers): Promise<EndpointAnswer<E>>;
  /** Calls an endpoint that must fail, and gives the problem. */
  problem<E extends Endpoint>(endpoint: E, input: EndpointInput<E>, headers?: Headers): Promise<Problem>;
  /** Any request. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** A second process on the same database and keys. */
  startReplica(): Promise<Control>;
  stop(): Promise<void>;
}

export type Headers = Readonly<Record<string, string>>;

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Headers;
  /** The operator's token unless told otherwise; null for none. */
  readonly token?: string | null;
  readonly certificate?: { readonly cert: string; readonly key: string };
  readonly url?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  readonly text: string;
}

export interface HarnessOptions {
  readonly config?: Partial<Record<string, unknown>>;
  readonly logLevel?: string;
}

export async function startTestControl(options: HarnessOptions = {}): Promise<TestControl> {
  const postgres = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'hofje-control-'));
  const database = await postgres.makeDatabase();
  const token = randomBytes(32).toString('base64url');
  const logged: string[] = [];
  const log = makeLog(options.logLevel ?? 'debug', { write: (line: string) => void logged.push(line) });

  async function configure(): Promise<Config> {
    const port = await freePort();
    return decideConfig({
      database: { socketFolder: postgres.socketFolder, user: postgres.user, database },
      operatorTokenHash: createHash('sha256').update(token).digest('hex'),
      listen: [{ host: '127.0.0.1', port }],
      pkiFolder: join(folder, 'pki'),
      publicUrls: { client: `https://127.0.0.1:${port}`, node: `https://127.0.0.1:${port}` },
      jobs: false,
      waitSeconds: 5,
      // Tests are wrong on purpose.
      wrongTokensPerMinute: 100_000,
      ...options.config,
    });
  }

  const config = await configure();
  const control = await startControl(config, log);
  const replicas: Control[] = [];
  const ca = control.context.pki.nodes.pem;
  const send = async (method: string, path: string, sent: SendOptions = {}) =>
    await sendRequest(
      sent.url ?? config.publicUrls.client,
      ca,
      sent.token === undefined ? token : sent.token,
      method,
      path,
      sent,
    );

  return {
    postgres,
    config,
    control,
    url: config.publicUrls.client,
    token,
    ca,
    logged,
    send,
    async call(endpoint, input, headers = {}) {
      const answer = await send(endpoint.method, pathOf(endpoint.path, input), { ...bodyOf(input), headers });
      if (answer.status !== endpoint.status)
        throw new Error(`${endpoint.method} ${endpoint.path}: ${answer.status} ${answer.text}`);
      return answer.body as never;
    },
    async problem(endpoint, input, headers = {}) {
      const answer = await send(endpoint.method, pathOf(endpoint.path, input), { ...bodyOf(input), headers });
      if (answer.status < 400) throw new Error(`${endpoint.method} ${endpoint.path} did not fail: ${answer.text}`);
      return answer.body as Problem;
    },
    async startReplica() {
      const replica = await startControl(await configure(), log);
      replicas.push(replica);
      return replica;
    },
    async stop() {
      for (const running of [...replicas, control]) await running.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function sendRequest(
  url: string,
  ca: string,
  token: string | null,
  method: string,
  path: string,
  options: SendOptions,
): Promise<Answer> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  // An agent of its own: no proxy of the environment comes between, and no connection is shared between identities.
  const agent = new Agent({ ca, ...options.certificate, maxCachedSessions: 0 });
  const { hostname, port } = new URL(url);
  const asked = request({
    hostname,
    port,
    // As it is: a URL object would tidy up what a test wants to be untidy.
    path,
    method,
    agent,
    // By the address, whatever a test says in `Host`.
    servername: isIP(hostname) === 0 ? hostname : '',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      'x-request-id': randomUUID(),
      ...options.headers,
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  asked.on('error', reject);
  asked.on('response', (response) => {
    text(response)
      .then((received) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received, body: parse(received) }),
      )
      .catch(reject);
  });
  asked.end(body);
  try {
    return await promise;
  } finally {
    agent.destroy();
  }
}

function parse(received: string): unknown {
  try {
    return JSON.parse(received);
  } catch {
    return undefined;
  }
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

function bodyOf(input: Parts): { body?: unknown } {
  return input.body === undefined ? {} : { body: input.body };
}

function pathOf(template: string, { params = {}, query = {} }: Parts): string {
  const path = template.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return search.size === 0 ? path : `${path}?${search}`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
