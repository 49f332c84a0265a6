import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '#contract/api/problem.ts';
import { HofjeError } from '#model/error.ts';
import { constraintError } from '../database/constraint.ts';

/**
 * Every code that the API answers, and its HTTP status. The one place where the two meet: a HofjeError whose code is not
 * here is a defect and is answered as `internal`.
 */
export const STATUS = {
  'request.invalid': 400,
  'request.malformed': 400,
  'request.too-large': 413,
  'request.media-type': 415,
  'request.not-found': 404,
  'auth.required': 401,
  'auth.refused': 403,
  'auth.cross-site': 403,
  'auth.step-up': 403,
  'auth.foreign-object': 403,
  'auth.too-many': 429,
  'entrance.wrong': 401,
  'entrance.code-wrong': 401,
  'entrance.half-gone': 410,
  'entrance.proof-wrong': 422,
  'entrance.too-many': 429,
  'factor.last': 409,
  'link.gone': 410,
  'mail.not-sent': 503,
  'passkey.no-name': 409,
  'passkey.not-found': 404,
  'passkey.refused': 422,
  'passkey.too-many': 409,
  'password.weak': 422,
  'password.wrong': 422,
  'recovery.no-second-factor': 409,
  'session.not-found': 404,
  'token.not-found': 404,
  'token.scope': 422,
  'token.too-many': 409,
  'totp.code-wrong': 422,
  'totp.exists': 409,
  'totp.missing': 409,
  'totp.no-password': 409,
  'enrolment.refused': 403,
  'enrolment.csr-invalid': 400,
  'version.outdated': 412,
  'version.conflict': 409,
  'idempotency.different-request': 422,
  'cursor.invalid': 400,
  'account.not-found': 404,
  'account.name-taken': 409,
  'account.deleted': 409,
  'account.not-deleted': 409,
  'account.purged': 410,
  'plan.not-found': 404,
  'image.not-found': 404,
  'image.kind-mismatch': 422,
  'node.not-found': 404,
  'node.name-taken': 409,
  'node.none-ready': 409,
  'node.no-images': 503,
  'node.unreachable': 503,
  'node.answer-late': 504,
  'node.refused': 502,
  'site.not-found': 404,
  'site.deleted': 409,
  'site.not-deleted': 409,
  'site.purged': 410,
  'site.suspended': 409,
  'site.name-taken': 409,
  'site.primary-name': 409,
  'alias.not-found': 404,
  'domain.invalid': 422,
  'domain.refused': 422,
  'domain.not-found': 404,
  'domain.ambiguous': 409,
  'domain.taken': 409,
  'domain.in-use': 409,
  'domain.deleted': 409,
  'domain.not-deleted': 409,
  'domain.purged': 410,
  'domain.not-proven': 409,
  'domain.proof-missing': 409,
  'domain.proof-unreachable': 503,
  'domain.established': 409,
  'address.invalid': 422,
  'address.taken': 409,
  'mailbox.not-found': 404,
  'mailbox.password-weak': 422,
  'mailbox.quota-invalid': 422,
  'forwarder.not-found': 404,
  'forwarder.loop': 422,
  'forwarder.no-site': 422,
  'forwarder.not-a-pipe': 422,
  'forwarder.site-elsewhere': 422,
  'pipe.invalid': 422,
  'queue.not-found': 404,
  'tls.invalid': 422,
  'tls.mismatch': 422,
  'tls.name-not-covered': 422,
  'tls.expired': 422,
  'exec.invalid': 422,
  'person.not-found': 404,
  'person.exists': 409,
  'membership.exists': 409,
  'membership.last-owner': 409,
  'invitation.not-found': 404,
  'invitation.gone': 404,
  'invitation.over': 409,
  'support.not-found': 404,
  'support.over': 409,
  'probe.too-soon': 429,
  'stream.ticket-invalid': 404,
  'stream.too-many': 429,
  'events.too-many': 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<string, number>;

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'Who are you?',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  412: 'Changed in the meantime',
  413: 'Too large',
  415: 'Not this media type',
  422: 'Not acceptable as it is',
  429: 'Too many',
  500: 'A defect of the platform',
  502: 'The node refused',
  503: 'Not available now',
  504: 'The node did not answer in time',
};

/** Fastify's own errors that are the caller's fault, as our codes. */
const FASTIFY_CODES: Readonly<Record<string, keyof typeof STATUS>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.malformed',
  FST_ERR_CTP_INVALID_JSON_BODY: 'request.malformed',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.malformed',
  FST_ERR_BAD_URL: 'request.malformed',
  FST_ERR_NOT_FOUND: 'request.not-found',
};

export function isKnownCode(code: string): code is keyof typeof STATUS {
  return Object.hasOwn(STATUS, code);
}

/** What a caller is told of an error. Pure; never a stack, never the message of a defect. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = asHofjeError(error);
  const code = known !== undefined && isKnownCode(known.code) ? known.code : 'internal';
  const status = STATUS[code];
  return {
    type: `urn:hofje:problem:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    code,
    detail: code === 'internal' || known === undefined ? 'Something went wrong inside the platform.' : known.message,
    ...(known?.field === undefined || code === 'internal' ? {} : { field: known.field }),
    ...(known?.hint === undefined || code === 'internal' ? {} : { hint: known.hint }),
    requestId,
  };
}

function asHofjeError(error: unknown): HofjeError | undefined {
  if (error instanceof HofjeError) return error;
  if (!(error instanceof Error)) return undefined;
  const { code, validation, validationContext } = error as Partial<FastifyError>;
  if (validation !== undefined) return validationError(validation, validationContext);
  const violated = constraintError(error);
  if (violated !== undefined) return violated;
  if (code !== undefined && Object.hasOwn(FASTIFY_CODES, code)) {
    return new HofjeError(FASTIFY_CODES[code] ?? 'internal', error.message);
  }
  if (error instanceof SyntaxError && 'statusCode' in error) {
    return new HofjeError('request.malformed', 'The body is no valid JSON.');
  }
  return isDatabaseAway(error) ? new HofjeError('unavailable', 'The database cannot do that now.') : undefined;
}

/**
 * PostgreSQL that ends (class 57P), has no connection left (53300), broke a circle of locks (40P01), or cannot be reached:
 * the caller may try again.
 */
function isDatabaseAway(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && /^(57P0\d|53300|40P01)$/.test(code)) return true;
  return (
    syscall === 'connect' ||
    code === 'ECONNRESET' ||
    /^Connection terminated|timeout exceeded when trying to connect/.test(error.message)
  );
}

interface SchemaError {
  readonly keyword?: string;
  readonly instancePath?: string;
  readonly message?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

function validationError(errors: readonly SchemaError[], context: string | undefined): HofjeError {
  // The deepest error says most: of a union, each branch complains, and the union itself.
  const [error] = [...errors].sort((a, b) => depth(b) - depth(a));
  const path = (error?.instancePath ?? '').split('/').slice(1);
  const inner = ['requiredProperties', 'additionalProperties'].map((name) => error?.params?.[name]).find(Array.isArray);
  const field = [...path, ...(typeof inner?.[0] === 'string' ? [inner[0]] : [])].join('.');
  const where = context === undefined || context === 'body' ? '' : ` in the ${context}`;
  return new HofjeError(
    'request.invalid',
    `${field === '' ? 'The request' : field}${where} ${error?.message ?? 'is not valid'}.`,
    {
      field: field === '' ? (context ?? 'body') : field,
    },
  );
}

function depth(error: SchemaError): number {
  return (error.instancePath ?? '').split('/').length;
}

/** Fastify's error handler: logs what is our fault, answers `application/problem+json`. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id);
  if (problem.status === 500) request.log.error({ event: 'request.defect', err: error });
  else request.log.info({ event: 'request.problem', code: problem.code, field: problem.field });
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.status === 503) reply.header('retry-after', '2');
  if (problem.code === 'auth.too-many') reply.header('retry-after', '10');
  if (problem.code === 'entrance.too-many') reply.header('retry-after', '60');
  return reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem);
}
