import { Command } from '@commander-js/extra-typings';
import {
  addDomain,
  type Domain,
  getDomain,
  listDomains,
  overrideDomain,
  proveDomain,
  removeDomain,
  restoreDomain,
} from '#contract/api/domain.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { seconds } from '../options.ts';
import { facts, table } from '../output.ts';
import { listAll } from '../pages.ts';
import { requireSettled, waitQuery } from '../settled.ts';

export function domainCommand(context: Context) {
  const domain = new Command('domain').description('names: whose they are, and whether that is proven');
  addClaims(domain, context);
  addReads(domain, context);
  addEnds(domain, context);
  return domain;
}

/** `add`, `prove`, `override`. */
function addClaims(domain: Command, context: Context): void {
  domain
    .command('add')
    .description('claim a domain for an account; it is served once it is proven or overridden')
    .argument('<name>', 'the domain')
    .requiredOption('--account <account>', 'who claims it')
    .option('--no-mail', 'its mail goes elsewhere')
    .option('--override <reason>', 'without proof, for this reason')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje domain add example.org --account alice', 'and the record that proves it']))
    .action(async (name, options, command) => {
      const { account, mail, override } = options;
      const body = { name, account, mail, ...(override !== undefined && { overrideReason: override }) };
      const made = await (await context.client()).call(addDomain, { query: waitQuery(options), body });
      requireSettled(made);
      context.output(command).result(made, domainText(made));
    });

  domain
    .command('prove')
    .description('look for the record that proves a domain, now')
    .argument('<domain>', 'name or id')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje domain prove example.org', 'after the record is in DNS']))
    .action(async (name, options, command) => {
      const input = { params: { domain: name }, query: waitQuery(options) };
      const proven = await (await context.client()).call(proveDomain, input);
      requireSettled(proven);
      context.output(command).result(proven, domainText(proven));
    });

  domain
    .command('override')
    .description('take a domain as proven; the reason is kept with it')
    .argument('<domain>', 'name or id')
    .requiredOption('--reason <text>', 'why')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje domain override example.org --reason "contract 4711"', 'without proof']))
    .action(async (name, options, command) => {
      const input = { params: { domain: name }, query: waitQuery(options), body: { reason: options.reason } };
      const taken = await (await context.client()).call(overrideDomain, input);
      requireSettled(taken);
      context.output(command).result(taken, domainText(taken));
    });
}

/** `list`, `show`. */
function addReads(domain: Command, context: Context): void {
  domain
    .command('list')
    .description('list domains')
    .option('--account <account>', 'of this account only')
    .option('--deleted', 'those that wait for their deletion instead')
    .addHelpText('after', examples(['hofje domain list --account alice', "one customer's"]))
    .action(async ({ account, deleted }, command) => {
      const query = { ...(account !== undefined && { account }), ...(deleted && { deleted }) };
      const items = await listAll(await context.client(), listDomains, { query });
      const rows = items.map((each) => [
        each.displayName,
        each.establishedBy ?? 'only claimed',
        each.mail ? 'mail' : '',
        each.id,
      ]);
      context.output(command).result({ items }, table(['DOMAIN', 'PROVEN BY', 'MAIL', 'ID'], rows));
    });

  domain
    .command('show')
    .description('show a domain, with the record that proves it')
    .argument('<domain>', 'name or id')
    .addHelpText('after', examples(['hofje domain show example.org', 'whose it is, and how that is known']))
    .action(async (name, _options, command) => {
      const found = await (await context.client()).call(getDomain, { params: { domain: name } });
      context.output(command).result(found, domainText(found));
    });
}

/** `remove`, `restore`. */
function addEnds(domain: Command, context: Context): void {
  domain
    .command('remove')
    .description('remove a domain with its mailboxes and forwarders; it can be restored for a while')
    .argument('<domain>', 'name or id')
    .option('--grace <seconds>', 'how long it can be restored', seconds)
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje domain remove example.org', 'restorable for the usual time']))
    .action(async (name, options, command) => {
      const { grace } = options;
      const query = { ...waitQuery(options), ...(grace !== undefined && { grace }) };
      const gone = await (await context.client()).call(removeDomain, { params: { domain: name }, query });
      requireSettled(gone);
      context.output(command).result(gone, domainText(gone));
    });

  domain
    .command('restore')
    .description('bring a removed domain back, with its mail')
    .argument('<domain>', 'id, or the name while nobody else has it')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje domain restore example.org', 'as it was']))
    .action(async (name, options, command) => {
      const input = { params: { domain: name }, query: waitQuery(options) };
      const back = await (await context.client()).call(restoreDomain, input);
      requireSettled(back);
      context.output(command).result(back, domainText(back));
    });
}

/** Pure. */
export function domainText(domain: Domain): string {
  const proof = `${domain.proof.name} TXT "${domain.proof.value}"`;
  return facts([
    ['domain', domain.displayName === domain.name ? domain.name : `${domain.displayName} (${domain.name})`],
    ['account', domain.account],
    ['proven by', domain.establishedBy ?? 'nothing yet: not served, and no mail'],
    ...(domain.establishedBy === null ? ([['record that proves it', proof]] as const) : []),
    ...(domain.overrideReason === null ? [] : ([['reason', domain.overrideReason]] as const)),
    ['mail', domain.mail ? `here, ${Math.round(domain.mailLimitBytes / 1024 ** 2)} MiB at most` : 'elsewhere'],
    ['id', domain.id],
    ...(domain.purgeAfter === null ? [] : ([['restorable until', domain.purgeAfter]] as const)),
  ]);
}
