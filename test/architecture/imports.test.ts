import { describe, expect, test } from 'vitest';
import { importsOf, readSources, type Source } from './sources.ts';

/** Which parts a part may know, besides itself. Everything points towards the model. */
const KNOWS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  contract: ['model'],
  host: ['model'],
  control: ['model', 'contract'],
  gate: ['model', 'contract'],
  agent: ['model', 'contract', 'host', 'images'],
  images: ['model', 'contract', 'host'],
  platform: ['model', 'contract', 'host', 'images'],
  cli: ['model', 'contract', 'platform'],
  panel: ['model', 'contract'],
};

const sources = await readSources();
const program = sources.filter((source) => source.path.startsWith('packages/'));

/** `file -> target` for every import into a part that `part` may not know. */
function strangers(source: Source): string[] {
  const known = [source.part, ...(KNOWS[source.part] ?? [])].map((part) => `packages/${part}/`);
  return source.imports
    .filter(({ target }) => target.startsWith('packages/') && !known.some((folder) => target.startsWith(folder)))
    .map(({ target }) => `${source.path} -> ${target}`);
}

describe('imports go one way', () => {
  test('every part has its row', () => {
    expect([...new Set(program.map(({ part }) => part))].filter((part) => !Object.hasOwn(KNOWS, part))).toEqual([]);
  });

  test.each(Object.keys(KNOWS))('%s', (part) => {
    expect(program.filter((source) => source.part === part && !source.isTest).flatMap(strangers)).toEqual([]);
  });

  test('agent, gate and control do not know each other, not even in their tests', () => {
    const apart = ['agent', 'gate', 'control'];
    const crossing = program
      .filter(({ part }) => apart.includes(part))
      .flatMap((source) => source.imports.map(({ target }) => ({ source, target })))
      .filter(({ source, target }) =>
        apart.some((part) => part !== source.part && target.startsWith(`packages/${part}/`)),
      )
      .map(({ source, target }) => `${source.path} -> ${target}`);
    expect(crossing).toEqual([]);
  });

  test('the program never imports tests', () => {
    const wrong = program
      .filter(({ isTest }) => !isTest)
      .flatMap(({ path, imports }) => imports.map(({ target }) => `${path} -> ${target}`))
      .filter((edge) => / -> (test\/|.*\.test\.ts$)/.test(edge));
    expect(wrong).toEqual([]);
  });

  test('the benchmarks are known to their command alone', () => {
    const users = program
      .filter(({ imports }) => imports.some(({ target }) => target.startsWith('bench/')))
      .map(({ path }) => path);
    expect(users).toEqual(['packages/cli/commands/bench.ts']);
  });

  test('there are no circles', () => {
    expect(circles(program.filter(({ isTest }) => !isTest))).toEqual([]);
  });

  test('files of another part are named by the part, those of the own folder tree by their path', () => {
    const wrong = program.flatMap(({ path, part, imports }) =>
      imports
        .filter(({ specifier, target }) => specifier.startsWith('.') && !target.startsWith(`packages/${part}/`))
        .map(({ specifier }) => `${path} -> ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Files that import each other in a circle, a text per circle. */
function circles(files: readonly Source[]): string[] {
  const targets = new Map(
    files.map(({ path, imports }) => [path, imports.filter(({ isType }) => !isType).map(({ target }) => target)]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      found.push([...way.slice(way.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

test('the reader of imports sees every form (the positive control of all tests here)', () => {
  const text = `
    import 'reflect-metadata';
    import { one, type Two } from './near.ts';
    import type { Three } from '#model/id.ts';
    import four, { five as six } from 'four';
    import * as seven from '../seven.ts';
    export { eight } from './eight.ts';
    export * from './nine.ts';
    const ten = await import('./ten.ts');
    // import { no } from './comment.ts';
    /* import { no } from './block.ts'; */
    const url = 'https://example.org'; import { late } from './late.ts';
  `;
  const found = importsOf('packages/gate/wake/a.ts', text);
  expect(found.map(({ target }) => target).toSorted()).toEqual(
    [
      'reflect-metadata',
      'packages/gate/wake/near.ts',
      'packages/model/id.ts',
      'four',
      'packages/gate/seven.ts',
      'packages/gate/wake/eight.ts',
      'packages/gate/wake/nine.ts',
      'packages/gate/wake/ten.ts',
      'packages/gate/wake/late.ts',
    ].toSorted(),
  );
  expect(found.find(({ specifier }) => specifier === './near.ts')?.names).toEqual(['one', 'Two']);
  expect(found.find(({ specifier }) => specifier === 'four')?.names).toEqual(['five']);
});
