import { buildImages } from './build.ts';
import { environmentOptions } from './environment.ts';
import { imageFolders } from './folders.ts';
import { ImageLayout } from './layout.ts';
import { listImages, readLock } from './list.ts';
import { IMAGE_KINDS } from './recipes/index.ts';

/** `build [--refresh] [kind...]`, `list`, `lock DIGEST`: for work on recipes; operators use the CLI. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  const settings = environmentOptions(process.env);
  if (command === 'build') {
    const kinds = rest.filter((arg) => !arg.startsWith('--'));
    const images = await buildImages({
      ...settings,
      kinds: kinds.length > 0 ? kinds : IMAGE_KINDS,
      refresh: rest.includes('--refresh'),
      onProgress: ({ kind, layer, step, seconds }) =>
        console.error(`${kind.padEnd(14)} ${layer.padEnd(9)} ${step.padEnd(12)} ${seconds.toFixed(1)} s`),
    });
    for (const [kind, { digest }] of Object.entries(images)) console.log(`${kind} ${digest}`);
    return 0;
  }
  if (command === 'list') {
    for (const { kind, digest, built, packages, size } of await listImages(settings.cache)) {
      console.log(`${kind.padEnd(14)} ${digest} ${built} ${packages} packages ${(size / 1e6).toFixed(0)} MB`);
    }
    return 0;
  }
  if (command === 'lock') {
    const digest = rest[0] as `sha256:${string}`;
    const lock = await readLock(new ImageLayout(imageFolders(settings.cache).layout), digest);
    process.stdout.write(lock ?? '');
    return lock === null ? 1 : 0;
  }
  console.error('usage: build [--refresh] [kind...] | list | lock DIGEST');
  return 64;
}

process.exitCode = await main(process.argv.slice(2));
