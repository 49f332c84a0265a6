import { ASSETS, PAGES } from '#contract/panel/pages.ts';

export const ASSET_ROUTE = `${ASSETS}/:file` as const;

/** Rows of the table of rights: the panel's files are the same for everybody and tell nothing of anybody. */
export const PANEL_RIGHTS: Readonly<Record<string, 'anyone'>> = Object.fromEntries(
  [...PAGES, ASSET_ROUTE].map((path) => [`GET ${path}`, 'anyone'] as const),
);
