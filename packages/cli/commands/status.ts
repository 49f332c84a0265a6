import { Command } from '@commander-js/extra-typings';
import { readStatus, type Status } from '#platform/status.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { facts, table } from '../output.ts';

export function statusCommand(context: Context) {
  return new Command('status')
    .description('what runs, where it is reached, how nodes and sites are')
    .addHelpText('after', examples(['hofje status', 'for people'], ['hofje status --json', 'endpoints, nodes, sites']))
    .action(async (_options, command) => {
      const status = await readStatus(context.folders());
      context.output(command).result(status, statusText(status));
    });
}

const HEADLINES: Readonly<Record<Status['state'], string>> = {
  none: 'No platform has been set up here. `hofje up` does.',
  down: 'The platform is down. `hofje up` starts it.',
  partly: 'The platform runs in part only. `hofje up` repairs it.',
  up: 'The platform is up.',
};

/** Pure. */
export function statusText(status: Status): string {
  const processes = status.processes.map(({ name, running, seconds }) => [
    name,
    running ? 'running' : 'stopped',
    seconds === undefined ? '' : `${seconds} s`,
  ]);
  const nodes = status.nodes.map(({ name, health, services, alarms }) => [
    name,
    health,
    [...services.map(({ kind, state }) => `${kind} ${state}`), ...alarms.map(({ message }) => message)].join(', '),
  ]);
  const sites = status.sites.map(({ name, state, instance, reason }) => [name, state, instance ?? '', reason ?? '']);
  return [
    HEADLINES[status.state] + (status.problem === null ? '' : `\n${status.problem}`),
    status.endpoints === null ? '' : facts(Object.entries(status.endpoints)),
    processes.length === 0 ? '' : table(['PROCESS', 'STATE', 'SINCE'], processes),
    nodes.length === 0 ? '' : table(['NODE', 'HEALTH', 'DETAILS'], nodes),
    sites.length === 0 ? '' : table(['SITE', 'STATE', 'INSTANCE', 'REASON'], sites),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
