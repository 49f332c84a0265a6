import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { DEBIAN_MIRROR, type DebianMirror, DPKG_OPTIONS, LEFTOVERS } from './debian.ts';
import { canonicalJson, sha256 } from './digest.ts';
import { type ImageFolders, imageFolders } from './folders.ts';
import { assembleImage } from './image.ts';
import type { Violation } from './inspect.ts';
import { type Layer, LayerStore } from './layer-store.ts';
import { ImageLayout } from './layout.ts';
import { formatLock } from './lock.ts';
import type { Recipe, RecipeUser } from './recipe.ts';
import { filesFolder, recipeOf } from './recipes/index.ts';
import { runStage } from './stage/run.ts';
import type { AptSource, StageSpec } from './stage/spec.ts';
import { isNotFound, walk } from './tree.ts';

/** Where a build is and what a step took. */
export interface BuildProgress {
  readonly kind: string;
  readonly layer: 'base' | 'packages' | 'files' | 'image';
  /** `reused`, or the name of a step that is done. */
  readonly step: string;
  readonly seconds: number;
}

export interface BuildOptions {
  readonly kinds: readonly string[];
  /** The folder HOFJE_CACHE. */
  readonly cache: string;
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Resolve versions again although layers from the same recipe exist. */
  readonly refresh?: boolean;
  readonly mirror?: DebianMirror;
  /** Proxies for apt and for nothing else: scheme to URL. */
  readonly proxies?: Readonly<Record<string, string>>;
}

export interface BuiltImage {
  readonly digest: ImageDigest;
  /** `name=version=architecture` a line. */
  readonly lock: string;
  /** From the start of the whole build until this image was done. */
  readonly seconds: number;
}

/** Part of every layer's key: raise the version when layers come to be made in another way. */
const BUILDER = { version: 3, dpkg: DPKG_OPTIONS, leftovers: LEFTOVERS };

/** Layers that nothing was built from for so long go. */
const KEEP_UNUSED_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Builds images of the given kinds side by side from three layers each: the base, the kind's packages, its overlay files. A
 * layer whose inputs have not changed is taken from the cache. Throws `image.refused` when an image holds what none may.
 */
export async function buildImages(options: BuildOptions): Promise<Record<string, BuiltImage>> {
  const folders = imageFolders(options.cache);
  await prepare(folders);
  const build = await startBuild(options, folders);
  const results = await Promise.allSettled(
    options.kinds.map(async (kind): Promise<[string, BuiltImage]> => [kind, await buildImage(build, recipeOf(kind))]),
  );
  const images: [string, BuiltImage][] = [];
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
    images.push(result.value);
  }
  await build.layers.removeUnused(new Date(Date.now() - KEEP_UNUSED_MS));
  return Object.fromEntries(images);
}

interface Build {
  readonly options: BuildOptions;
  readonly folders: ImageFolders;
  readonly layout: ImageLayout;
  readonly architecture: string;
  readonly generation: string;
  readonly start: number;
  readonly layers: LayerStore;
}

async function startBuild(options: BuildOptions, folders: ImageFolders): Promise<Build> {
  const { stdout } = await run(['dpkg', '--print-architecture']);
  const layout = new ImageLayout(folders.layout);
  return {
    options,
    folders,
    layout,
    architecture: stdout.trim(),
    generation: await generation(folders, options.refresh === true),
    start: performance.now(),
    layers: new LayerStore(folders, layout),
  };
}

async function buildImage(build: Build, recipe: Recipe): Promise<BuiltImage> {
  const lowers = recipe.base === null ? [] : [await packagesOf(build, recipeOf(recipe.base), [])];
  const packages = await packagesOf(build, recipe, lowers);
  const files = await filesOf(build, recipe, [packages, ...lowers]);
  const layers = [...lowers, packages, files];
  refuseViolations(
    recipe.kind,
    layers.flatMap(({ inspection }) => inspection.violations),
  );
  const digest = await assembleImage(
    build.layout,
    {
      kind: recipe.kind,
      architecture: architectureOf(build, recipe),
      suite: recipe.suite,
      layers: layers.map(({ layer }) => layer),
      newest: files.newest,
      packages: packages.packages,
      process: recipe.process,
    },
    new Date(),
  );
  const seconds = (performance.now() - build.start) / 1000;
  build.options.onProgress?.({ kind: recipe.kind, layer: 'image', step: 'done', seconds });
  return { digest, lock: formatLock(packages.packages), seconds };
}

async function packagesOf(build: Build, recipe: Recipe, lowers: readonly Layer[]): Promise<Layer> {
  const { packages, users, configure, removals } = recipe;
  const type = recipe.base === null ? 'base' : 'packages';
  const inputs = {
    type,
    suite: recipe.suite,
    packages,
    users,
    configure,
    removals,
    generation: build.generation,
  } as const;
  const apt = aptSource(build, recipe);
  return await layerOf(build, recipe, lowers, inputs, { type, apt, packages, users, configure, removals });
}

async function filesOf(build: Build, recipe: Recipe, lowers: readonly Layer[]): Promise<Layer> {
  const folder = filesFolder(recipe.kind);
  const files = await digestFiles(folder);
  const { folders, checks, forbidden } = recipe;
  const users = usersOf(recipe).map(({ name }) => name);
  const layer = { type: 'files', files: files === null ? null : folder, folders, checks, forbidden, users } as const;
  return await layerOf(build, recipe, lowers, { ...layer, files }, layer);
}

async function layerOf(
  build: Build,
  recipe: Recipe,
  lowers: readonly Layer[],
  inputs: unknown,
  layer: StageSpec['layer'],
): Promise<Layer> {
  const architecture = architectureOf(build, recipe);
  const below = lowers.map(({ key }) => key);
  const key = sha256(canonicalJson({ builder: BUILDER, architecture, below, inputs })).slice('sha256:'.length);
  const report = (step: string, seconds: number) =>
    build.options.onProgress?.({ kind: recipe.kind, layer: layer.type, step, seconds });
  const make = async (work: string) => {
    const log = join(build.folders.log, `${recipe.kind}-${layer.type}.log`);
    await writeFile(log, '');
    const spec: StageSpec = {
      work,
      layout: build.folders.layout,
      log,
      architecture,
      lowers: lowers.map(({ tree }) => tree),
      newestBelow: Math.max(0, ...lowers.map(({ newest }) => newest)),
      layer,
    };
    return await runStage(spec, report);
  };
  return await build.layers.get(key, make, () => report('reused', 0));
}

/** What the overlay files are: paths, kinds, executability and content. Null where there are none. */
async function digestFiles(folder: string): Promise<string | null> {
  try {
    const entries: unknown[] = [];
    for await (const { path, stats } of walk(folder)) {
      if (stats.isDirectory()) entries.push([path]);
      else if (stats.isSymbolicLink()) entries.push([path, await readlink(join(folder, path))]);
      else entries.push([path, (stats.mode & 0o100) !== 0, sha256(await readFile(join(folder, path)))]);
    }
    return sha256(canonicalJson(entries));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

function refuseViolations(kind: string, violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  const list = violations.slice(0, 20).map(({ rule, path, detail }) => `${rule}: /${path} (${detail})`);
  throw new HofjeError('image.refused', `the image ${kind} holds what it must not:\n${list.join('\n')}`, {
    field: kind,
  });
}

function usersOf(recipe: Recipe): readonly RecipeUser[] {
  return recipe.base === null ? recipe.users : [...usersOf(recipeOf(recipe.base)), ...recipe.users];
}

function architectureOf(build: Build, recipe: Recipe): string {
  return recipe.architecture === 'native' ? build.architecture : recipe.architecture;
}

function aptSource(build: Build, recipe: Recipe): AptSource {
  const { folders, options } = build;
  return {
    suite: recipe.suite,
    mirror: options.mirror ?? DEBIAN_MIRROR,
    lists: folders.aptLists,
    archives: folders.aptArchives,
    lock: join(folders.locks, 'apt'),
    proxies: options.proxies ?? {},
  };
}

/** Changes with every refresh, and so does the key of every layer that holds packages. */
async function generation(folders: ImageFolders, refresh: boolean): Promise<string> {
  const file = join(folders.layers, 'generation');
  if (refresh) await writeFile(file, randomBytes(8).toString('hex'));
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isNotFound(error)) return '';
    throw error;
  }
}

async function prepare(folders: ImageFolders): Promise<void> {
  if (/[:,\\\s]/.test(folders.layout)) {
    throw new HofjeError('image.bad-cache', `the cache folder's path may hold no space, colon, comma or backslash`, {
      field: 'HOFJE_CACHE',
    });
  }
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  await new ImageLayout(folders.layout).initialize();
}
