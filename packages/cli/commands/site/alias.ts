import type { Command } from '@commander-js/extra-typings';
import { addAlias, putTls, removeAlias, removeTls } from '#contract/api/site.ts';
import { HofjeError } from '#model/error.ts';
import type { Context } from '../../context.ts';
import { examples } from '../../examples.ts';
import { readNamedFile } from '../../options.ts';
import { requireSettled, waitQuery } from '../../settled.ts';
import { localOverride } from './life.ts';
import { siteText } from './text.ts';

/** `alias` and `tls`: the names of a site and their certificates. */
export function addAliasCommands(site: Command, context: Context): void {
  site
    .command('alias')
    .description('let a website answer to one more name')
    .argument('<site>', 'one of its names, or its id')
    .argument('<name>', 'the name')
    .option('--remove', 'take the name from it instead')
    .option('--no-wait', 'return at once')
    .addHelpText(
      'after',
      examples(
        ['hofje site alias example.org example.net', 'one more name'],
        ['hofje site alias example.org example.net --remove', 'no longer'],
      ),
    )
    .action(async (owner, name, options, command) => {
      const client = await context.client();
      const query = waitQuery(options);
      const changed = options.remove
        ? await client.call(removeAlias, { params: { site: owner, name }, query })
        : await client.call(addAlias, { params: { site: owner }, query, body: { name, ...localOverride(client) } });
      requireSettled(changed);
      context.output(command).result(changed, siteText(changed));
    });

  site
    .command('tls')
    .description("use a certificate of the customer's own for the names that it covers")
    .argument('<site>', 'one of its names, or its id')
    .option('--cert <file>', 'PEM, its own certificate first, then the chain')
    .option('--key <file>', 'PEM private key, not encrypted')
    .option('--remove', "go back to certificates of the platform's own authority")
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje site tls example.org --cert chain.pem --key key.pem', 'from now on']))
    .action(async (owner, options, command) => {
      const client = await context.client();
      const input = { params: { site: owner }, query: waitQuery(options) };
      const changed = options.remove
        ? await client.call(removeTls, input)
        : await client.call(putTls, { ...input, body: await readPair(options.cert, options.key) });
      requireSettled(changed);
      context.output(command).result(changed, siteText(changed));
    });
}

async function readPair(cert: string | undefined, key: string | undefined) {
  if (cert === undefined || key === undefined) {
    throw new HofjeError('usage.tls', 'a certificate and its key are wanted', {
      hint: 'Give both --cert and --key, or --remove.',
    });
  }
  return { chain: await readNamedFile(cert, '--cert'), key: await readNamedFile(key, '--key') };
}
