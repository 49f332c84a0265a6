import { HofjeError } from '#model/error.ts';
import { problems, problemText } from '../text/problems.ts';
import { useTexts } from '../text/useTexts.tsx';

/** What went wrong with a form, told where it belongs. */
export interface Trouble {
  /** What is wrong with a field of the request, by its name there. */
  at(field: string): string | undefined;
  /** What is not told at one of `fields`; undefined when all is. */
  besides(...fields: readonly string[]): string | undefined;
}

/** The error of an act in the reader's words; without one there is nothing to tell. */
export function useTrouble(error: unknown): Trouble {
  const say = useTexts(problems);
  const field = error instanceof HofjeError ? error.field : undefined;
  const text = error === null || error === undefined ? undefined : problemText(say, error);
  return {
    at: (name) => (field === name ? text : undefined),
    besides: (...fields) => (field !== undefined && fields.includes(field) ? undefined : text),
  };
}
