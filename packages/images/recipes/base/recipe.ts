import type { Recipe } from '../../recipe.ts';

/** What every image shares: Debian's essential packages without documentation, package manager and anybody's settings. */
export const recipe: Recipe = {
  kind: 'base',
  base: null,
  suite: 'bookworm',
  architecture: 'native',
  packages: ['ca-certificates', 'tzdata', 'media-types'],
  users: [],
  configure: [],
  removals: [],
  folders: [],
  checks: [],
  forbidden: [],
  process: null,
};
