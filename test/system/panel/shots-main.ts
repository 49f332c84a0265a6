import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { type Look, settled, type Visit } from './browser.ts';
import { takeDocsPictures } from './docs-pictures.ts';
import { OPERATOR, startPanelStage } from './stage.ts';

/**
 * `node test/system/panel/shots-main.ts DIR [--only PATTERN]`: pictures of every page, in both themes and languages, as seen on a
 * desk and on a phone. For whoever works on the panel. With `--docs`, the few pictures of the guides instead (`docs/pictures`).
 */

const LOOKS: readonly Look[] = (['desktop', 'phone'] as const).flatMap((size) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    (['nl', 'en'] as const).map((language) => ({ size, theme, language })),
  ),
);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string' }, docs: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('say where the pictures go');
  await mkdir(folder, { recursive: true });
  const stage = await startPanelStage();
  const wanted = (file: string) => values.only === undefined || new RegExp(values.only).test(file);
  try {
    if (values.docs === true) {
      await takeDocsPictures(stage, folder);
      return;
    }
    const pages = await stage.pages();
    const operated = await stage.operatorPages();
    for (const look of LOOKS) {
      const shoot = async (visit: Visit, named: readonly (readonly [string, string])[]) => {
        for (const [name, path] of named) {
          const file = fileOf(name, look);
          if (wanted(file)) await picture(visit, path, join(folder, file));
        }
        for (const complaint of new Set(visit.complaints)) process.stderr.write(`${complaint}\n`);
        await visit.close();
      };
      if (stage.entrance.some(([name]) => wanted(fileOf(name, look))))
        await shoot(await stage.visit(look), stage.entrance);
      if (pages.some(([name]) => wanted(fileOf(name, look)))) await shoot(await stage.enter(look), pages);
      if (operated.some(([name]) => wanted(fileOf(name, look))))
        await shoot(await stage.enter(look, OPERATOR), operated);
    }
  } finally {
    await stage.stop();
  }
}

function fileOf(name: string, { size, theme, language }: Look): string {
  return `${name}-${size}-${theme}-${language}.png`;
}

async function picture({ page }: Visit, path: string, file: string): Promise<void> {
  const before = page.viewportSize();
  // A page of its own: a link's secret is read when the panel is loaded.
  await page.goto('about:blank');
  await page.goto(path);
  await settled(page);
  await wholeInView(page);
  await page.screenshot({ path: file });
  if (before !== null) await page.setViewportSize(before);
}

/** Makes the window as high as the page, so that what stands at its foot stands at its foot. */
async function wholeInView(page: Page): Promise<void> {
  const size = page.viewportSize();
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  if (size !== null && height > size.height) await page.setViewportSize({ ...size, height });
}

await main();
