import { Agent, request } from 'node:https';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { EnrolAnswer, NodeReport } from '#contract/agent/messages.ts';
import { readAnswer } from '#host/answer.ts';
import { HofjeError } from '#model/error.ts';
import { type InstallationId, idPattern, type NodeId } from '#model/id.ts';
import type { Identity } from './identity.ts';

const TIMEOUT_MS = 20_000;
const ANSWER_MAX = 256 * 1024 * 1024;
const CERTIFICATE_MAX = 64 * 1024;

const Enrolled = Type.Object({
  installation: Type.Unsafe<InstallationId>(Type.String({ pattern: idPattern('installation').source })),
  node: Type.Unsafe<NodeId>(Type.String({ pattern: idPattern('node').source })),
  certificate: Type.String({ maxLength: CERTIFICATE_MAX }),
  ca: Type.String({ maxLength: CERTIFICATE_MAX }),
});

interface Trust {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly text: string;
}

/** Spends the one-time token. Throws `link.unreachable` and `link.refused`. */
export async function enrol(controlUrl: string, ca: string, token: string, csr: string): Promise<EnrolAnswer> {
  const answer = await exchange(new Agent({ ca }), controlUrl, 'POST', '/agent/v1/enrol', { token, csr });
  return read(Enrolled, expectOk(answer));
}

/** The control plane as this node may ask it. Every call throws `link.unreachable` or `link.refused`. */
export class ControlClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(controlUrl: string, identity: Identity) {
    this.#url = controlUrl;
    const trust: Trust = { ca: identity.ca, cert: identity.certificate, key: identity.key };
    this.#agent = new Agent({ ...trust, keepAlive: true, maxSockets: 4 });
  }

  async renew(csr: string): Promise<EnrolAnswer> {
    return read(Enrolled, expectOk(await this.#ask('POST', '/agent/v1/renew', { csr })));
  }

  /** Undefined when it is still what `etag` stands for. */
  async desired(
    etag: string | undefined,
  ): Promise<{ readonly etag: string | undefined; readonly value: unknown } | undefined> {
    const headers = etag === undefined ? {} : { 'if-none-match': etag };
    const answer = await exchange(this.#agent, this.#url, 'GET', '/agent/v1/desired', undefined, headers);
    if (answer.status === 304) return undefined;
    return { etag: answer.etag, value: expectOk(answer) };
  }

  async report(report: NodeReport): Promise<void> {
    const answer = await this.#ask('POST', '/agent/v1/report', report);
    if (answer.status !== 204) expectOk(answer);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(method: string, path: string, body: unknown): Promise<Answer> {
    return await exchange(this.#agent, this.#url, method, path, body);
  }
}

function exchange(
  agent: Agent,
  base: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new HofjeError('link.unreachable', `The control plane does not answer: ${describe(cause)}.`, { cause }));
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const type = content === undefined ? {} : { 'content-type': 'application/json', 'content-length': content.length };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request(new URL(path, base), { agent, method, signal, headers: { ...headers, ...type } });
    sent.on('error', fail);
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      readAnswer(response, ANSWER_MAX).then((text) => resolve({ status, etag: headers.etag, text }), fail);
    });
    sent.end(content);
  });
}

/** The document of a good answer; problem+json of a bad one becomes an error. */
function expectOk(answer: Answer): unknown {
  const document = parse(answer.text);
  if (answer.status >= 200 && answer.status < 300) return document;
  const { code, detail, title } = typeof document === 'object' && document !== null ? (document as Problem) : {};
  const why = [code, detail ?? title].filter((part) => typeof part === 'string').join(': ');
  throw new HofjeError('link.refused', `The control plane refuses (${answer.status}${why === '' ? '' : `, ${why}`}).`);
}

interface Problem {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly title?: unknown;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function read<T extends TSchema>(schema: T, value: unknown): Static<T> {
  if (Value.Check(schema, value)) return value;
  throw new HofjeError('link.refused', 'The control plane answers something else than the contract says.');
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message || ('code' in cause ? String(cause.code) : cause.name) : String(cause);
}
