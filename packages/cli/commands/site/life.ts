import type { Command } from '@commander-js/extra-typings';
import {
  createSite,
  deleteSite,
  getSite,
  listSites,
  restoreSite,
  resumeSite,
  suspendSite,
} from '#contract/api/site.ts';
import type { Client } from '#platform/api/client.ts';
import type { Context } from '../../context.ts';
import { examples } from '../../examples.ts';
import { seconds } from '../../options.ts';
import { listAll } from '../../pages.ts';
import { requireSettled, waitQuery } from '../../settled.ts';
import { sitesText, siteText } from './text.ts';

/** `create`, `list`, `show`, `suspend`, `resume`, `delete`, `restore`. */
export function addLifeCommands(site: Command, context: Context): void {
  addCreate(site, context);
  addList(site, context);
  addShow(site, context);
  addSuspend(site, context);
  addResume(site, context);
  addDelete(site, context);
  addRestore(site, context);
}

function addCreate(site: Command, context: Context): void {
  site
    .command('create')
    .description('make a website, and its domain (with mail) where it does not exist yet')
    .argument('<domain>', 'its first name')
    .requiredOption('--account <account>', 'who owns it')
    .option('--plan <plan>', 'what it may use')
    .option('--image <image>', 'what it runs on', 'site-php8.2')
    .option('--no-wait', 'return at once, not when it works')
    .addHelpText(
      'after',
      examples(
        ['hofje site create example.org --account alice', 'returns when it answers'],
        ['hofje site create shop.example.org --account alice --plan standard', 'with more to use'],
      ),
    )
    .action(async (domain, options, command) => {
      const client = await context.client();
      const { account, plan, image } = options;
      const made = await client.call(createSite, {
        query: waitQuery(options),
        body: { domain, account, image, ...(plan !== undefined && { plan }), ...localOverride(client) },
      });
      requireSettled(made);
      context.output(command).result(made, siteText(made));
    });
}

/** The operator at the machine answers for the ownership of a name; that is recorded with the domain. */
export function localOverride(client: Client): { readonly overrideReason?: string } {
  return client.connection.local ? { overrideReason: 'made by the operator on the machine itself' } : {};
}

function addList(site: Command, context: Context): void {
  site
    .command('list')
    .description('list websites')
    .option('--account <account>', 'of this account only')
    .option('--deleted', 'those that wait for their deletion instead')
    .addHelpText('after', examples(['hofje site list --account alice', "one customer's"]))
    .action(async ({ account, deleted }, command) => {
      const query = { ...(account !== undefined && { account }), ...(deleted && { deleted }) };
      const items = await listAll(await context.client(), listSites, { query });
      context.output(command).result({ items }, sitesText(items));
    });
}

function addShow(site: Command, context: Context): void {
  site
    .command('show')
    .description('show a website')
    .argument('<site>', 'one of its names, or its id')
    .addHelpText('after', examples(['hofje site show example.org', 'state, names, image']))
    .action(async (name, _options, command) => {
      const found = await (await context.client()).call(getSite, { params: { site: name } });
      context.output(command).result(found, siteText(found));
    });
}

function addSuspend(site: Command, context: Context): void {
  site
    .command('suspend')
    .description('stop a website: visitors get 503, its mail waits')
    .argument('<site>', 'one of its names, or its id')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje site suspend example.org', 'until it is resumed']))
    .action(async (name, options, command) => {
      const input = { params: { site: name }, query: waitQuery(options) };
      const changed = await (await context.client()).call(suspendSite, input);
      requireSettled(changed);
      context.output(command).result(changed, siteText(changed));
    });
}

function addResume(site: Command, context: Context): void {
  site
    .command('resume')
    .description('let a suspended website run again, and deliver the mail that waits')
    .argument('<site>', 'one of its names, or its id')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje site resume example.org', 'visitors are served again']))
    .action(async (name, options, command) => {
      const input = { params: { site: name }, query: waitQuery(options) };
      const changed = await (await context.client()).call(resumeSite, input);
      requireSettled(changed);
      context.output(command).result(changed, siteText(changed));
    });
}

function addDelete(site: Command, context: Context): void {
  site
    .command('delete')
    .description('delete a website; it can be restored for a while. Its domain and mail stay')
    .argument('<site>', 'one of its names, or its id')
    .option('--grace <seconds>', 'how long it can be restored', seconds)
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje site delete example.org', 'restorable for the usual time']))
    .action(async (name, options, command) => {
      const { grace } = options;
      const query = { ...waitQuery(options), ...(grace !== undefined && { grace }) };
      const gone = await (await context.client()).call(deleteSite, { params: { site: name }, query });
      requireSettled(gone);
      context.output(command).result(gone, siteText(gone));
    });
}

function addRestore(site: Command, context: Context): void {
  site
    .command('restore')
    .description('bring a deleted website back')
    .argument('<site>', 'its id, or its name while nothing else has it')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje site restore example.org', 'as it was']))
    .action(async (name, options, command) => {
      const input = { params: { site: name }, query: waitQuery(options) };
      const back = await (await context.client()).call(restoreSite, input);
      requireSettled(back);
      context.output(command).result(back, siteText(back));
    });
}
