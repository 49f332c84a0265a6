import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command } from '@commander-js/extra-typings';
import { type UPLOAD_FORMATS, uploadToSite } from '#contract/api/stream.ts';
import { HofjeError } from '#model/error.ts';
import { openStream } from '#platform/api/stream.ts';
import type { Context } from '../../context.ts';
import { examples } from '../../examples.ts';
import { troubleOf } from './outcome.ts';

type Format = (typeof UPLOAD_FORMATS)[number];

export function addUploadCommand(site: Command, context: Context): void {
  site
    .command('upload')
    .description("unpack an archive in a website's own container")
    .argument('<site>', 'one of its names, or its id')
    .argument('<file>', 'FILE.zip or FILE.tar.gz')
    .option('--to <folder>', "from the site's home folder; where the website lies otherwise")
    .addHelpText(
      'after',
      examples(
        ['hofje site upload example.org site.zip', 'the website itself'],
        ['hofje site upload example.org scripts.tar.gz --to bin', 'beside it'],
      ),
    )
    .action(async (name, file, { to }, command) => {
      const format = formatOf(file);
      const { size } = await stat(file).catch((error: NodeJS.ErrnoException) => {
        throw new HofjeError('usage.file', `${file} cannot be read: ${error.code ?? error.message}`);
      });
      const client = await context.client();
      const body = { format, ...(to !== undefined && { to }) };
      const { url } = await client.call(uploadToSite, { params: { site: name }, body });
      const said = new PassThrough();
      const words = text(said);
      const entry = openStream(client, url, { stdin: createReadStream(file), stdout: said, stderr: said });
      const outcome = await entry.outcome.finally(() => said.end());
      if (outcome.kind !== 'exited' || outcome.status !== 0) {
        throw new HofjeError('upload.failed', troubleOf(outcome) ?? `${file} could not be unpacked as a whole`, {
          hint: (await words).trim().split('\n').slice(-5).join('\n'),
        });
      }
      context.output(command).result({ site: name, file, bytes: size, outcome }, `${file}: ${size} bytes unpacked.`);
    });
}

/** Pure. */
export function formatOf(file: string): Format {
  if (/\.zip$/i.test(file)) return 'zip';
  if (/\.(tar\.gz|tgz)$/i.test(file)) return 'tar.gz';
  throw new HofjeError('usage.file', `${file} is neither a .zip nor a .tar.gz`);
}
