import { Command } from '@commander-js/extra-typings';
import { listQueue, type QueuedMessage, retryQueue, showQueued } from '#contract/api/queue.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { printableLines, table } from '../output.ts';

export function queueCommand(context: Context) {
  const queue = new Command('queue').description('mail that waits to be delivered');

  queue
    .command('list')
    .description('list messages that wait')
    .option('--node <node>', 'on this node only')
    .addHelpText('after', examples(['hofje queue list', 'what waits, and since when']))
    .action(async ({ node }, command) => {
      const answer = await (await context.client()).call(listQueue, { query: { ...(node !== undefined && { node }) } });
      const silent = answer.silent.length === 0 ? '' : `\n\nNo answer from: ${answer.silent.join(', ')}`;
      context.output(command).result(answer, `${queueText(answer.items)}${silent}`);
    });

  queue
    .command('show')
    .description('headers and delivery log of a message that waits')
    .argument('<message>', 'its id')
    .option('--node <node>', 'on this node only')
    .addHelpText('after', examples(['hofje queue show 1tABcd-0001Xy-2Z', 'why it waits']))
    .action(async (message, { node }, command) => {
      const input = { params: { message }, query: { ...(node !== undefined && { node }) } };
      const found = await (await context.client()).call(showQueued, input);
      context.output(command).result(found, printableLines(`${found.headers.trimEnd()}\n\n${found.log.trimEnd()}`));
    });

  queue
    .command('retry')
    .description('try to deliver now: one message, or all')
    .argument('[message]', 'its id')
    .option('--node <node>', 'on this node only')
    .addHelpText('after', examples(['hofje queue retry', 'everything that waits']))
    .action(async (message, { node }, command) => {
      const body = { ...(message !== undefined && { message }) };
      const tried = await (await context.client()).call(retryQueue, {
        query: { ...(node !== undefined && { node }) },
        body,
      });
      context.output(command).result(tried, `Tried on: ${tried.nodes.join(', ') || 'no node'}`);
    });

  return queue;
}

/** Pure. */
export function queueText(messages: readonly QueuedMessage[]): string {
  if (messages.length === 0) return 'Nothing waits.';
  const rows = messages.map((each) => [
    each.id,
    each.node,
    `${Math.ceil(each.ageSeconds / 60)} min`,
    `${Math.ceil(each.sizeBytes / 1024)} KiB`,
    each.frozen ? 'frozen' : '',
    each.sender || '<>',
    each.recipients.join(' '),
  ]);
  return table(['MESSAGE', 'NODE', 'AGE', 'SIZE', '', 'FROM', 'TO'], rows);
}
