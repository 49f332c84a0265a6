import { Command } from '@commander-js/extra-typings';
import { listImages } from '#contract/api/image.ts';
import { step } from '#platform/progress/progress.ts';
import { makeReporter } from '#platform/progress/reporter.ts';
import { ensureImages, registerImages } from '#platform/up/images.ts';
import { type Context, requireRoot } from '../context.ts';
import { examples } from '../examples.ts';
import { table } from '../output.ts';

export function imageCommand(context: Context) {
  const image = new Command('image').description('what everything runs from');

  image
    .command('list')
    .description('list images by kind, newest first')
    .option('--kind <kind>', 'of this kind only')
    .addHelpText('after', examples(['hofje image list --kind edge', 'versions of the edge']))
    .action(async ({ kind }, command) => {
      const query = { ...(kind !== undefined && { kind }) };
      const { items } = await (await context.client()).call(listImages, { query });
      const rows = items.map((each) => [
        each.kind,
        each.current ? 'current' : '',
        each.builtAt,
        String(Object.keys(each.lock).length),
        each.digest,
      ]);
      context.output(command).result({ items }, table(['KIND', '', 'BUILT', 'PACKAGES', 'DIGEST'], rows));
    });

  image
    .command('build')
    .description('build the images on this machine, and make them what new sites and nodes get')
    .addHelpText('after', examples(['hofje image build', 'what has not changed is reused']))
    .action(async (_options, command) => {
      requireRoot('building images');
      const client = await context.client();
      const reporter = makeReporter(process.stderr);
      try {
        const images = await step(reporter.progress, { step: 'images', title: 'Images' }, async (detail) => {
          const built = await ensureImages(context.cache(), detail);
          await registerImages(client, built);
          return built;
        });
        reporter.close();
        const rows = Object.entries(images).map(([kind, { digest }]) => [kind, digest]);
        const items = Object.entries(images).map(([kind, { digest, seconds }]) => ({ kind, digest, seconds }));
        context.output(command).result({ items }, table(['KIND', 'DIGEST'], rows));
      } finally {
        reporter.close();
      }
    });

  return image;
}
