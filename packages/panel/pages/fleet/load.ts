import type { Answer } from '../../api/routes.ts';

export type Load = Answer<'GET /v1/loads'>['items'][number];
export type StateCounts = Partial<Record<Load['sites'][number]['state'], number>>;

/** What is used tells of itself to nobody: it is looked at now and then. */
export const LOOK_MS = 15_000;

/** All nodes together. Pure. */
export function sumUp(loads: readonly Load[]): { readonly states: StateCounts; readonly requests: number } {
  const states: StateCounts = {};
  for (const { state, count } of loads.flatMap(({ sites }) => sites)) states[state] = (states[state] ?? 0) + count;
  return { states, requests: loads.reduce((sum, { used }) => sum + used.requests, 0) };
}
