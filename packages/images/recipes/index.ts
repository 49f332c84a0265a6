import { HofjeError } from '#model/error.ts';
import type { Recipe } from '../recipe.ts';
import { recipe as base } from './base/recipe.ts';
import { recipe as edge } from './edge/recipe.ts';
import { recipe as mail } from './mail/recipe.ts';
import { recipe as sitePhp82 } from './site-php8.2/recipe.ts';

/** Kinds that containers are made from. */
export const IMAGE_KINDS = ['edge', 'mail', 'site-php8.2'] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

const RECIPES: ReadonlyMap<string, Recipe> = new Map(
  [base, edge, mail, sitePhp82].map((recipe) => [recipe.kind, recipe]),
);

/** Throws `image.unknown-kind`. */
export function recipeOf(kind: string): Recipe {
  const recipe = RECIPES.get(kind);
  if (recipe === undefined) {
    throw new HofjeError('image.unknown-kind', `there is no recipe for an image "${kind}"`, {
      field: 'kind',
      hint: `Known kinds: ${[...RECIPES.keys()].join(', ')}.`,
    });
  }
  return recipe;
}

/** The overlay tree of a recipe; it need not exist. */
export function filesFolder(kind: string): string {
  return new URL(`./${kind}/files`, import.meta.url).pathname;
}
