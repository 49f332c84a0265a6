import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Look } from './browser.ts';
import { startPanelStage } from './stage.ts';

/**
 * `node test/system/panel/shots-main.ts DIR [--only TEXT]`: pictures of every page, in both themes and languages, as seen on a
 * desk and on a phone. For whoever works on the panel.
 */

const LOOKS: readonly Look[] = (['desktop', 'phone'] as const).flatMap((size) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    (['nl', 'en'] as const).map((language) => ({ size, theme, language })),
  ),
);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('say where the pictures go');
  await mkdir(folder, { recursive: true });
  const stage = await startPanelStage();
  try {
    for (const look of LOOKS) {
      const visit = await stage.enter(look);
      for (const [name, path] of await stage.pages()) {
        const file = `${name}-${look.size}-${look.theme}-${look.language}.png`;
        if (values.only !== undefined && !file.includes(values.only)) continue;
        await visit.page.goto(path, { waitUntil: 'networkidle' });
        await visit.page.screenshot({ path: join(folder, file), fullPage: true });
      }
      for (const complaint of new Set(visit.complaints)) process.stderr.write(`${complaint}\n`);
      await visit.close();
    }
  } finally {
    await stage.stop();
  }
}

await main();
