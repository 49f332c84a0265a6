import { Command } from '@commander-js/extra-typings';
import {
  type Account,
  createAccount,
  deleteAccount,
  getAccount,
  listAccounts,
  restoreAccount,
} from '#contract/api/account.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { seconds } from '../options.ts';
import { facts, table } from '../output.ts';
import { listAll } from '../pages.ts';

export function accountCommand(context: Context) {
  const account = new Command('account').description('customers: who owns sites and domains');

  account
    .command('create')
    .description('make an account')
    .argument('<name>', 'lower case letters, digits, inner hyphens')
    .requiredOption('--email <address>', 'where its owner is reached')
    .addHelpText('after', examples(['hofje account create alice --email alice@example.org', 'a customer']))
    .action(async (name, { email }, command) => {
      const made = await (await context.client()).call(createAccount, { body: { name, email } });
      context.output(command).result(made, accountText(made));
    });

  account
    .command('list')
    .description('list accounts')
    .option('--deleted', 'those that wait for their deletion instead')
    .addHelpText('after', examples(['hofje account list --json', 'for a script']))
    .action(async ({ deleted }, command) => {
      const items = await listAll(await context.client(), listAccounts, { query: { ...(deleted && { deleted }) } });
      const rows = items.map((each) => [each.name, each.email, each.id]);
      context.output(command).result({ items }, table(['NAME', 'EMAIL', 'ID'], rows));
    });

  account
    .command('show')
    .description('show an account')
    .argument('<account>', 'name or id')
    .addHelpText('after', examples(['hofje account show alice', 'what is known of it']))
    .action(async (name, _options, command) => {
      const found = await (await context.client()).call(getAccount, { params: { account: name } });
      context.output(command).result(found, accountText(found));
    });

  account
    .command('delete')
    .description('delete an account with its sites and domains; it can be restored for a while')
    .argument('<account>', 'name or id')
    .option('--grace <seconds>', 'how long it can be restored', seconds)
    .addHelpText('after', examples(['hofje account delete alice', 'restorable for the usual time']))
    .action(async (name, { grace }, command) => {
      const input = { params: { account: name }, query: { ...(grace !== undefined && { grace }) } };
      const gone = await (await context.client()).call(deleteAccount, input);
      context.output(command).result(gone, accountText(gone));
    });

  account
    .command('restore')
    .description('bring a deleted account back, with what was deleted with it')
    .argument('<account>', 'id, or the name while nobody else has taken it')
    .addHelpText('after', examples(['hofje account restore alice', 'as it was']))
    .action(async (name, _options, command) => {
      const back = await (await context.client()).call(restoreAccount, { params: { account: name } });
      context.output(command).result(back, accountText(back));
    });

  return account;
}

function accountText(account: Account): string {
  return facts([
    ['name', account.name],
    ['email', account.email],
    ['id', account.id],
    ['created', account.createdAt],
    ...(account.deletedAt === null ? [] : ([['deleted', account.deletedAt]] as const)),
    ...(account.purgeAfter === null ? [] : ([['restorable until', account.purgeAfter]] as const)),
  ]);
}
