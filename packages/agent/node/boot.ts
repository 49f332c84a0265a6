import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { ensureNodeNetwork } from '../network/network.ts';
import { controlPort, readConfig } from './config.ts';
import { nodeFolders } from './folders.ts';
import { ensureGateFolders } from './gate-folders.ts';
import { ensureMountNamespace, ensurePinsFolder, ensureSubmissionFolder, insideNode, nodePins } from './namespaces.ts';

/*
 * Makes or finds the node's namespaces and becomes the agent inside them. The process stays the same, so whoever started
 * it (a supervisor) holds the agent itself:
 *
 *     node packages/agent/node/boot.ts --root FOLDER
 */

async function boot(): Promise<never> {
  const { values } = parseArgs({ options: { root: { type: 'string' } } });
  if (values.root === undefined) throw new HofjeError('node.usage', 'name the folder of the node: --root FOLDER');
  const folders = nodeFolders(values.root);
  const config = await readConfig(folders.config);
  await ensurePinsFolder(folders);
  // Before the network: a gate comes up when it sees that.
  await ensureGateFolders(folders, config);
  // Before the mount namespace is made: the gate, outside of it, needs this pin too.
  await ensureNodeNetwork({ slot: config.slot, pin: nodePins(folders).net, controlPort: controlPort(config) });
  await ensureSubmissionFolder(folders);
  await ensureMountNamespace(folders);
  const agent = [process.execPath, ...process.execArgv, join(import.meta.dirname, 'main.ts'), '--root', values.root];
  const [nsenter, ...args] = [...insideNode(folders), ...agent];
  return become(await which(nsenter), [nsenter, ...args]);
}

function become(file: string, argv: readonly string[]): never {
  if (process.execve === undefined) throw new HofjeError('node.runtime', 'this Node.js cannot replace its process');
  process.chdir('/');
  return process.execve(file, argv, HOST_ENVIRONMENT);
}

async function which(program: string): Promise<string> {
  return (await run(['which', program])).stdout.trim();
}

boot().catch((error: unknown) => {
  const hint = error instanceof HofjeError && error.hint !== undefined ? ` ${error.hint}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${hint}\n`);
  process.exit(1);
});
