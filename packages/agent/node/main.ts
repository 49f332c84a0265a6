import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { HofjeError } from '#model/error.ts';
import { probeNode } from '../probe/node-world.ts';
import { clearOutside } from '../probe/outside.ts';
import { Agent, type Extensions } from './agent.ts';
import { readConfig } from './config.ts';
import { nodeFolders } from './folders.ts';
import { openGround } from './ground.ts';
import { takeLock } from './lock.ts';

/*
 * The agent's process, inside the node's own mount and network namespace (see boot.ts):
 *
 *     node packages/agent/node/main.ts --root FOLDER
 *
 * TERM ends the agent alone; sites and services run on and are found again.
 */

const log = pino({ base: null });

const extensions: Extensions = {
  probes: async (agent, { ask: _, ...selection }) => await probeNode(agent, selection),
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { root: { type: 'string' } } });
  if (values.root === undefined) throw new HofjeError('node.usage', 'name the folder of the node: --root FOLDER');
  const folders = nodeFolders(values.root);
  const config = await readConfig(folders.config);
  const lock = await takeLock(folders.lock);
  await clearOutside();
  const agent = new Agent(config, folders, await openGround(config, folders), extensions, log);
  await agent.start();
  const signal = await termination();
  log.info({ event: 'agent.stopping', signal });
  await agent.stop();
  await lock.release();
  log.info({ event: 'agent.stopped' });
  process.exit(0);
}

function termination(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

main().catch((err: unknown) => {
  const hint = err instanceof HofjeError ? err.hint : undefined;
  log.fatal({ event: 'agent.failed', err, ...(hint === undefined ? {} : { hint }) });
  process.exit(1);
});
