import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A file of the project with what it imports. */
export interface Source {
  /** From the root of the project, for example `packages/gate/main.ts`. */
  readonly path: string;
  /** The part that it belongs to: `gate`. */
  readonly part: string;
  readonly isTest: boolean;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the root of the project, or the name of a package. */
  readonly target: string;
  /** What is named between the braces. */
  readonly names: readonly string[];
  /** `import type`: nothing of it is left when the program runs. */
  readonly isType: boolean;
}

const STATEMENT = /\b(?:import|export)\s+(type\s+)?((?:[\w$*\s,]|\{[^}]*\})*?)\s*from\s*['"]([^'"]+)['"]/g;
const BARE = /\bimport\s*(?:\(\s*)?['"]([^'"]+)['"]/g;
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<!['"`:].*)\/\/[^\n]*/g;

/** What a file imports, types included. Pure. */
export function importsOf(path: string, text: string): Import[] {
  const code = text.replace(COMMENTS, '');
  const found: Import[] = [];
  for (const [, type, clause = '', specifier = ''] of code.matchAll(STATEMENT)) {
    const names = /\{([^}]*)\}/.exec(clause)?.[1]?.split(',') ?? [];
    found.push({
      specifier,
      target: targetOf(path, specifier),
      names: names.map(bareName).filter((name) => name !== ''),
      isType: type !== undefined,
    });
  }
  for (const [, specifier = ''] of code.matchAll(BARE)) {
    found.push({ specifier, target: targetOf(path, specifier), names: [], isType: false });
  }
  return found;
}

function bareName(written: string): string {
  return written
    .trim()
    .replace(/^type\s+/, '')
    .replace(/\s+as\s+.*$/, '');
}

function targetOf(path: string, specifier: string): string {
  if (/^#(test|bench|corpus)\//.test(specifier)) return specifier.slice(1);
  if (specifier.startsWith('#')) return specifier.replace('#', 'packages/');
  if (specifier.startsWith('.')) return normalize(join(dirname(path), specifier));
  return specifier;
}

/** Every TypeScript file, with or without markup, under packages/, test/ and bench/. */
export async function readSources(): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for await (const path of glob('{packages,test,bench}/**/*.{ts,tsx}', {
    cwd: ROOT,
    exclude: ['**/node_modules/**'],
  })) {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const [top = '', second = ''] = path.split('/');
    const part = top === 'packages' ? second : top;
    // What a part's tests share stands beside them, in a folder of that name.
    const isTest = top === 'test' || /\.test\.tsx?$/.test(path) || path.includes('/testing/');
    sources.push({ path, part, isTest, text, imports: importsOf(path, text) });
  }
  return sources;
}
