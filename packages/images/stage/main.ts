import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { inspectTree, inspectWhole, type Violation } from '../inspect.ts';
import { type Descriptor, ImageLayout } from '../layout.ts';
import type { LockedPackage } from '../lock.ts';
import { packLayer } from '../pack.ts';
import { newestBefore, normalizeTree, removedPaths } from '../tree.ts';
import { bootstrap, install, runInside } from './install.ts';
import { mountLowers, mountOverlay, mountSystem, unmountBelow } from './mounts.ts';
import { copyFiles, makeFolders } from './overlay.ts';
import type { FilesLayer, StageEvent, StageResult, StageSpec } from './spec.ts';

/**
 * Makes one layer. Started by `runStage` as the first process of new mount and process namespaces: when it ends, its mounts
 * and whatever a package's script started are gone. The specification is the first line of standard input; the end of
 * standard input is the end of the one who asked.
 */
async function makeLayer(spec: StageSpec): Promise<StageResult> {
  const start = new Date();
  // Packages' scripts write the name of the machine into files.
  await run(['hostname', '--', 'localhost']);
  const tree = join(spec.work, 'tree');
  const root = spec.lowers.length === 0 ? tree : join(spec.work, 'merged');
  for (const folder of [tree, root, join(spec.work, 'overlay'), join(spec.work, 'lists')]) {
    await mkdir(folder, { recursive: true });
  }
  if (spec.lowers.length > 0) {
    await mountOverlay({ lowers: spec.lowers, upper: tree, work: join(spec.work, 'overlay'), merged: root });
  }
  let packages: readonly LockedPackage[] = [];
  if (spec.layer.type === 'files') {
    if (spec.layer.files !== null) await copyFiles(spec.layer.files, root);
    await makeFolders(spec.layer.folders, root);
  } else {
    if (spec.layer.type === 'base') await bootstrap(spec, spec.layer, root, timed);
    packages = await install(spec, spec.layer, root, timed);
  }
  const newest = await timeOf(spec, tree, start);
  const layer = await timed('pack', async () => await pack(spec, tree, root, newest));
  const own = await timed('inspect', async () => await inspectTree(tree));
  const whole = spec.layer.type === 'files' ? await check(spec, spec.layer, tree) : [];
  const inspection = { ...own, violations: [...own.violations, ...whole] };
  return { layer, newest: newest.getTime() / 1000, packages, inspection };
}

/** A layer's time is that of the newest file that came with its packages; overlay files have the time of what is below. */
async function timeOf(spec: StageSpec, tree: string, start: Date): Promise<Date> {
  const below = new Date(spec.newestBelow * 1000);
  if (spec.layer.type === 'files') return below;
  const own = await newestBefore(tree, start);
  return own > below ? own : below;
}

async function pack(spec: StageSpec, tree: string, root: string, newest: Date): Promise<Descriptor> {
  const removed: string[] = [];
  if (spec.lowers.length > 0) {
    const below = join(spec.work, 'below');
    await mountLowers(spec.lowers, below);
    removed.push(...(await removedPaths(tree, below, root)));
    // The upper folder may be changed only while it is not mounted.
    await run(['umount', '--', root]);
  }
  await normalizeTree(tree, newest);
  const layout = new ImageLayout(spec.layout);
  return await packLayer({
    tree,
    removed,
    newest,
    work: join(spec.work, 'lists'),
    openBlob: async () => await layout.openBlob(),
  });
}

/** Reads the finished image, then lets the recipe's own checks run in a copy of it that is thrown away. */
async function check(spec: StageSpec, layer: FilesLayer, tree: string): Promise<readonly Violation[]> {
  const root = join(spec.work, 'image');
  const upper = join(spec.work, 'check');
  for (const folder of [root, upper, join(spec.work, 'check-overlay')]) await mkdir(folder, { recursive: true });
  await mountOverlay({ lowers: [tree, ...spec.lowers], upper, work: join(spec.work, 'check-overlay'), merged: root });
  const { forbidden, users } = layer;
  const violations = await inspectWhole(root, { forbidden, users });
  if (layer.checks.length > 0) {
    await timed('check', async () => {
      await mountSystem(root);
      for (const step of layer.checks) await runInside(root, step, spec.log);
      await unmountBelow(root);
    });
  }
  await run(['umount', '--', root]);
  return violations;
}

async function timed<T>(step: string, action: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const value = await action();
  say({ type: 'step', step, seconds: (performance.now() - start) / 1000 });
  return value;
}

function say(event: StageEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function describe(error: unknown): StageEvent {
  if (error instanceof HofjeError)
    return { type: 'failed', code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'failed', code: 'internal', message, hint: undefined };
}

const input = createInterface({ input: process.stdin });
input.once('close', () => process.exit(1));
input.once('line', (line) => {
  makeLayer(JSON.parse(line) as StageSpec)
    .then((result): StageEvent => ({ type: 'result', result }), describe)
    .then((event) => process.stdout.write(`${JSON.stringify(event)}\n`, () => process.exit(0)))
    .catch(() => process.exit(1));
});
