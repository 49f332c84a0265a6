import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';
import { ASSETS } from '#contract/panel/pages.ts';
import { PROJECT_ROOT } from '../program.ts';

const PANEL = join(PROJECT_ROOT, 'packages/panel');

/** Browsers of the last two years: they know `light-dark()`, layers and nesting. */
const BROWSERS = ['chrome123', 'firefox121', 'safari17.5'];

/** Pages that share a module before it goes with all others that many share, in one file instead of dozens of small ones. */
const SHARING_MIN = 12;

/** What each page needs, in two files: the libraries, which change seldom, and what the pages have in common. */
const GROUPS = [
  { name: 'libraries', test: /\/node_modules\/(react|react-dom|scheduler|@tanstack|i18next)\//, priority: 2 },
  { name: 'common', minShareCount: SHARING_MIN, priority: 1 },
] as const;

/** Bundles the panel's sources into `out`: files whose names change with their contents, and index.html. */
export async function bundlePanel(out: string): Promise<void> {
  await build({
    root: PANEL,
    configFile: false,
    envFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [onlyOurLanguages(), layersFirst(await readFile(join(PANEL, 'design/layers.css'), 'utf8'))],
    build: {
      outDir: out,
      assetsDir: ASSETS.slice(1),
      target: BROWSERS,
      // Nothing as data: addresses, which the policy allows for images alone.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      emptyOutDir: false,
      rolldownOptions: { output: { codeSplitting: { groups: [...GROUPS] } } },
    },
  });
}

const OTHER_LANGUAGE = /\/intl\/.*\/(?!en-US|nl-NL)[a-z]{2}-[A-Z]{2}\.m?js$/;

/** React Aria brings its few words in thirty languages; the panel has two. */
function onlyOurLanguages(): Plugin {
  return {
    name: 'only-our-languages',
    load: { filter: { id: OTHER_LANGUAGE }, handler: () => 'export default {};' },
  };
}

/**
 * Says the order of the layers at the head of each style sheet: a browser goes by the first that it meets, and which of the
 * bundle's files that is depends on how pages share their parts.
 */
function layersFirst(order: string): Plugin {
  return {
    name: 'layers-first',
    enforce: 'pre',
    transform: { filter: { id: /\/packages\/panel\/.*\.css$/ }, handler: (code) => order + code },
  };
}
