import { Command } from '@commander-js/extra-typings';
import { createMailbox, deleteMailbox, listMailboxes, type Mailbox, setPassword } from '#contract/api/mailbox.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { mebibytes, readSecret } from '../options.ts';
import { facts, table } from '../output.ts';
import { listAll } from '../pages.ts';
import { requireSettled, waitQuery } from '../settled.ts';

export function mailboxCommand(context: Context) {
  const mailbox = new Command('mailbox').description('addresses whose mail lies here');

  mailbox
    .command('create')
    .description('make a mailbox; *@DOMAIN takes what no other address takes')
    .argument('<address>', 'its address')
    .option(
      '--password-stdin',
      'the password is the first line of standard input; otherwise one is generated and shown once',
    )
    .option('--quota <mebibytes>', 'how much mail it holds', mebibytes)
    .option('--no-wait', 'return at once')
    .addHelpText(
      'after',
      examples(
        ['hofje mailbox create bob@example.org', 'with a password made for it'],
        ['hofje mailbox create bob@example.org --password-stdin < file', 'with one of your own'],
      ),
    )
    .action(async (address, options, command) => {
      const { passwordStdin, quota } = options;
      const password = passwordStdin ? { password: await readSecret() } : {};
      const made = await (await context.client()).call(createMailbox, {
        query: waitQuery(options),
        body: { address, ...password, ...(quota !== undefined && { quotaBytes: quota }) },
      });
      requireSettled(made);
      context.output(command).result(made, mailboxText(made));
    });

  mailbox
    .command('list')
    .description('list mailboxes')
    .option('--domain <domain>', 'of this domain only')
    .addHelpText('after', examples(['hofje mailbox list --domain example.org', "one domain's"]))
    .action(async ({ domain }, command) => {
      const query = { ...(domain !== undefined && { domain }) };
      const items = await listAll(await context.client(), listMailboxes, { query });
      const rows = items.map((each) => [each.address, quotaText(each), each.id]);
      context.output(command).result({ items }, table(['MAILBOX', 'QUOTA', 'ID'], rows));
    });

  mailbox
    .command('password')
    .description('set the password of a mailbox, or have one generated and shown once')
    .argument('<mailbox>', 'address or id')
    .option('--password-stdin', 'it is the first line of standard input')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje mailbox password bob@example.org', 'a new one, made for it']))
    .action(async (name, options, command) => {
      const body = options.passwordStdin ? { password: await readSecret() } : {};
      const input = { params: { mailbox: name }, query: waitQuery(options), body };
      const changed = await (await context.client()).call(setPassword, input);
      requireSettled(changed);
      context.output(command).result(changed, mailboxText(changed));
    });

  mailbox
    .command('delete')
    .description('delete a mailbox; its mail stays on the node until the domain goes')
    .argument('<mailbox>', 'address or id')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje mailbox delete bob@example.org', 'mail for it is refused from now on']))
    .action(async (name, options, command) => {
      const input = { params: { mailbox: name }, query: waitQuery(options) };
      const gone = await (await context.client()).call(deleteMailbox, input);
      requireSettled(gone);
      context.output(command).result(gone, mailboxText(gone));
    });

  return mailbox;
}

function quotaText(mailbox: Mailbox): string {
  return `${Math.round(mailbox.quotaBytes / 1024 ** 2)} MiB`;
}

/** Pure. */
export function mailboxText(mailbox: Mailbox): string {
  return facts([
    ['mailbox', mailbox.address],
    ['quota', quotaText(mailbox)],
    ['id', mailbox.id],
    ...(mailbox.password === undefined ? [] : ([['password', `${mailbox.password}   (shown this once)`]] as const)),
  ]);
}
