import { Command } from '@commander-js/extra-typings';
import { getNode, listNodes, type Node } from '#contract/api/node.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { facts, table } from '../output.ts';
import { listAll } from '../pages.ts';

export function nodeCommand(context: Context) {
  const node = new Command('node').description('machines, or parts of them, that carry sites');

  node
    .command('list')
    .description('list nodes with their health')
    .addHelpText('after', examples(['hofje node list', 'who is well']))
    .action(async (_options, command) => {
      const items = await listAll(await context.client(), listNodes, { query: {} });
      const rows = items.map((each) => [each.name, each.health, servicesOf(each), each.id]);
      context.output(command).result({ items }, table(['NODE', 'HEALTH', 'SERVICES', 'ID'], rows));
    });

  node
    .command('show')
    .description('show a node')
    .argument('<node>', 'name or id')
    .addHelpText('after', examples(['hofje node show node1', 'health, alarms, services, what it has']))
    .action(async (name, _options, command) => {
      const found = await (await context.client()).call(getNode, { params: { node: name } });
      context.output(command).result(found, nodeText(found));
    });

  return node;
}

function servicesOf(node: Node): string {
  return node.services.map(({ kind, state }) => `${kind} ${state}`).join(', ');
}

function diskText({ sizeBytes, freeBytes }: { readonly sizeBytes: number; readonly freeBytes: number }): string {
  return `${(freeBytes / 1024 ** 3).toFixed(1)} of ${(sizeBytes / 1024 ** 3).toFixed(1)} GiB free`;
}

/** Pure. */
export function nodeText(node: Node): string {
  const { facts: has } = node;
  return facts([
    ['node', node.name],
    ['health', node.health],
    ['connected', node.linked ? 'yes' : 'no'],
    ['last seen', node.lastSeenAt ?? 'never'],
    ['revision', `${node.appliedRevision ?? 'none'} applied, ${node.revision} wanted`],
    ...node.services.map((service) => {
      const reason = service.reason === null ? '' : `: ${service.reason}`;
      return [service.kind, `${service.state}${reason}, instance ${service.instance}`] as const;
    }),
    ...node.alarms.map(({ code, message, since }) => ['alarm', `${message} (${code}, since ${since})`] as const),
    ...(has === null
      ? []
      : ([
          ['kernel', has.kernel],
          ['crun', has.crun],
          ['control groups', has.cgroups],
          ['memory', `${(has.memoryBytes / 1024 ** 3).toFixed(1)} GiB`],
          ['processors', String(has.processors)],
          ...(has.disk === undefined ? [] : ([['disk', diskText(has.disk)]] as const)),
        ] as const)),
    ['id', node.id],
  ]);
}
