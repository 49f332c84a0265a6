import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IMAGE_IDS } from '../inspect.ts';
import { IMAGE_KINDS, recipeOf } from './index.ts';

const FOLDERS = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('recipes', () => {
  it('are those in the folder, each under its own name', () => {
    expect(FOLDERS.sort()).toEqual(['base', ...IMAGE_KINDS].sort());
    for (const kind of FOLDERS) {
      expect(existsSync(new URL(`./${kind}/recipe.ts`, import.meta.url))).toBe(true);
      expect(recipeOf(kind).kind).toBe(kind);
    }
  });

  it('refuse an unknown kind', () => {
    expect(() => recipeOf('../etc')).toThrow(expect.objectContaining({ code: 'image.unknown-kind', field: 'kind' }));
  });

  it.each(FOLDERS)('%s names packages without versions, once each', (kind) => {
    const { packages } = recipeOf(kind);
    for (const name of packages) expect(name).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
    expect(new Set(packages).size).toBe(packages.length);
  });

  it.each(FOLDERS)('%s gives every user a number of its own that no static Debian user has', (kind) => {
    const ids = recipeOf(kind).users.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id >= 100 && id <= IMAGE_IDS).toBe(true);
  });

  it.each(FOLDERS)('%s removes and forbids inside the image only', (kind) => {
    const { removals, forbidden, folders } = recipeOf(kind);
    for (const path of [...removals, ...forbidden, ...folders.map((folder) => folder.path)]) {
      expect(path.startsWith('/') || path.split('/').includes('..')).toBe(false);
    }
  });

  it('keep the mail server out of a site', () => {
    for (const kind of IMAGE_KINDS.filter((name) => name.startsWith('site-'))) {
      const { packages, forbidden } = recipeOf(kind);
      expect(packages.some((name) => name.startsWith('exim'))).toBe(false);
      expect(forbidden).toEqual(expect.arrayContaining(['usr/sbin/exim*', 'var/mail/*', 'var/spool/exim4']));
    }
  });
});
