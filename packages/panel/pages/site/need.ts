import type { Answer } from '../../api/routes.ts';

type Site = Pick<Answer<'GET /v1/sites/:site'>, 'state' | 'hosts'>;

/** What a site needs a person for, as the key of its words; undefined when all is well. Pure. */
export function needOf({ state, hosts }: Site): 'failedText' | 'suspendedText' | 'toProve' | undefined {
  if (state === 'failed') return 'failedText';
  if (state === 'suspended') return 'suspendedText';
  if (state !== 'deleted' && hosts.some(({ served }) => !served)) return 'toProve';
  return undefined;
}
