/** What went wrong, in a form that every boundary (HTTP, CLI, log) can pass on unchanged. */
export interface ErrorDetails {
  /** The field or object concerned, as the caller knows it, for example `domain` or `plan.memoryBytes`. */
  readonly field?: string;
  /** What the reader can do about it, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error type that crosses a boundary. `code` is stable and machine readable (`site.not-found`), `message` is one
 * sentence for people. Anything else that is thrown is a defect and is answered as `internal`.
 */
export class HofjeError extends Error {
  readonly code: string;
  readonly field: string | undefined;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'HofjeError';
    this.code = code;
    this.field = details.field;
    this.hint = details.hint;
  }
}
