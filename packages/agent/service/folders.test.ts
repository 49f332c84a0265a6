import { expect, test } from 'vitest';
import { nodeFolders } from '../node/folders.ts';
import { serviceFolderWishes } from './folders.ts';

test('no service owns a folder in which root makes others', () => {
  const folders = nodeFolders('/srv/node');
  const rootsOwn = [
    folders.images,
    folders.sites,
    folders.mail,
    folders.spool,
    folders.log,
    folders.lookup,
    folders.disk,
  ];
  const owned = Object.values(serviceFolderWishes(folders)).flatMap((wishes) => wishes.map(({ path }) => path));
  for (const folder of owned) {
    expect(rootsOwn).not.toContain(folder);
    expect(rootsOwn.some((above) => folder.startsWith(`${above}/`))).toBe(true);
  }
});
