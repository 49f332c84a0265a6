import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PAGES } from '#contract/panel/pages.ts';

/** Paths that the files of routes declare, as the control plane writes them. */
async function declaredPaths(): Promise<string[]> {
  const paths: string[] = [];
  for await (const file of glob('pages/*/routes.ts', { cwd: import.meta.dirname })) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    for (const [, path = ''] of text.matchAll(/^\s*path: '([^']+)'/gm)) paths.push(path.replaceAll('$', ':'));
  }
  return paths;
}

test('the control plane answers at exactly the addresses that the panel has pages for', async () => {
  expect((await declaredPaths()).toSorted()).toEqual([...PAGES].toSorted());
});
