import { THEMES, type Theme } from '#model/probe/theme.ts';
import type { Answer } from '../../api/routes.ts';

export type Proof = Answer<'GET /v1/sites/:site/proof'>;
export type Wall = Proof['walls'][number];
export type Finding = Wall['findings'][number];
export type Door = Finding['door'];

/** How many walls there are of each kind. */
export interface Count {
  readonly closed: number;
  readonly open: number;
  readonly declared: number;
  readonly notTested: number;
}

/** Pure. */
export function countOf(walls: readonly Wall[]): Count {
  const having = (verdict: Wall['verdict']) => walls.filter((wall) => wall.verdict === verdict).length;
  return {
    closed: having('closed'),
    open: having('open'),
    declared: having('declared'),
    notTested: having('not-tested'),
  };
}

/** The walls of each theme, those with holes first. Pure. */
export function byTheme(walls: readonly Wall[]): { readonly theme: Theme; readonly walls: readonly Wall[] }[] {
  const rank = ({ verdict }: Wall) => ['open', 'not-tested', 'closed', 'declared'].indexOf(verdict);
  return THEMES.map((theme) => ({
    theme,
    walls: walls.filter((wall) => wall.theme === theme).toSorted((one, other) => rank(one) - rank(other)),
  }));
}

/** The theme that is looked at first: one with a hole, else the first. Pure. */
export function worstTheme(walls: readonly Wall[]): Theme {
  return walls.find(({ verdict }) => verdict === 'open')?.theme ?? THEMES[0];
}

/** When somebody looked last, and from there succeeded; undefined for never. Pure. */
export function lastLook(looks: Proof['looks']): string | undefined {
  return looks
    .flatMap(({ at }) => at ?? [])
    .toSorted()
    .at(-1);
}

/** Whole seconds until a moment; 0 when it has come. Pure. */
export function secondsUntil(moment: string | null, now: number): number {
  return moment === null ? 0 : Math.max(0, Math.ceil((Date.parse(moment) - now) / 1000));
}
