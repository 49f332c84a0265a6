import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Look, settled } from './browser.ts';
import { OPERATOR, OWNER, type PanelStage } from './stage.ts';

/** The few pictures of the guides: what stands in a window of usual size, small. */
const PICTURES: readonly (readonly [person: string, pages: readonly string[]])[] = [
  [OWNER, ['overview', 'site-awake', 'mail']],
  [OPERATOR, ['fleet', 'account']],
];
const LOOK: Look = { size: 'desktop', theme: 'light', language: 'en' };
const WIDTH = 960;

/** Writes them into a folder as WebP. */
export async function takeDocsPictures(stage: PanelStage, folder: string): Promise<void> {
  const pages = new Map([...(await stage.pages()), ...(await stage.operatorPages())]);
  for (const [person, names] of PICTURES) {
    const { page, close } = await stage.enter(LOOK, person);
    for (const name of names) {
      await page.goto(pages.get(name) ?? '/');
      await settled(page);
      const picture = await page.screenshot();
      await writeFile(join(folder, `panel-${name}.webp`), await shrink(page, picture));
    }
    await close();
  }
}

/** The browser itself makes it smaller: on an empty page, where no policy is. */
async function shrink(page: Page, picture: Buffer): Promise<Buffer> {
  await page.goto('about:blank');
  const text = await page.evaluate<string>(`(async () => {
    const bytes = Uint8Array.from(atob('${picture.toString('base64')}'), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(${WIDTH}, Math.round(${WIDTH} * image.height / image.width));
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
    return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
  })()`);
  return Buffer.from(text, 'base64');
}
