import type { Problem } from '#contract/api/problem.ts';
import { HofjeError } from '#model/error.ts';
import type { Answer, Input, Route } from './routes.ts';

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** The same key again is the same request: it makes its object once. Made anew where absent. */
  readonly once?: string;
  /** Version of the object that a change is based on: who changed it meanwhile is not overwritten. */
  readonly basedOn?: number;
}

/** How long an answer may take: the control plane itself gives up after two minutes. */
const PATIENCE_MS = 125_000;

/**
 * Calls one operation of the API. Throws a HofjeError with the code of the answer's problem, or `network.unreachable` when
 * there was none, or what is thrown by a signal.
 */
export async function ask<R extends Route>(route: R, input?: Input<R>, options: AskOptions = {}): Promise<Answer<R>> {
  const [method = '', path = ''] = route.split(' ');
  const parts: Parts = input ?? {};
  const content = parts.body === undefined ? null : JSON.stringify(parts.body);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (content !== null) headers['content-type'] = 'application/json';
  if (method === 'POST') headers['idempotency-key'] = options.once ?? crypto.randomUUID();
  if (options.basedOn !== undefined) headers['if-match'] = `"${options.basedOn}"`;
  const late = AbortSignal.timeout(PATIENCE_MS);
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  const response = await fetch(addressOf(path, parts), { method, headers, body: content, signal }).catch(
    (cause: unknown) => {
      if (options.signal?.aborted === true) throw cause;
      throw new HofjeError('network.unreachable', 'The platform did not answer.', { cause });
    },
  );
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer<R>;
  throw errorOf(response.status, await response.json().catch(() => undefined));
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The path with its parameters and query filled in, each encoded. Pure. */
export function addressOf(path: string, { params = {}, query = {} }: Parts): string {
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return filled;
  return `${filled}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** The error that an answer without success describes. Pure. */
export function errorOf(status: number, document: unknown): HofjeError {
  if (!isProblem(document)) return new HofjeError('network.unexpected', `The answer was ${status}, without a reason.`);
  const { code, detail, field, hint } = document;
  return new HofjeError(code, detail, { ...(field && { field }), ...(hint && { hint }) });
}

function isProblem(document: unknown): document is Problem {
  return typeof document === 'object' && document !== null && 'code' in document && 'detail' in document;
}

/** The code of whatever was thrown; `defect` for what is no answer of the platform's. Pure. */
export function codeOf(error: unknown): string {
  return error instanceof HofjeError ? error.code : 'defect';
}
