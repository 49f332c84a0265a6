import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { HofjeError } from '#model/error.ts';

/** Where a node's gate finds the rest of the node. */
export interface GateConfig {
  /** Root's, made by the agent; in it the gate's own: `edge/` and `mail/` for its sockets, `state/` for `limits.json`. */
  readonly runFolder: string;
  /** The agent's socket. */
  readonly agentSocket: string;
  /** A file of the agent's with the address of the mail service, `ADDRESS:PORT`; replaced whole when it moves. */
  readonly mailAddressFile: string;
}

export async function readConfig(path: string): Promise<GateConfig> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (typeof value !== 'object' || value === null) throw new HofjeError('gate.config', `${path} holds no object`);
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return {
    runFolder: absolutePath(fields, 'runFolder'),
    agentSocket: absolutePath(fields, 'agentSocket'),
    mailAddressFile: absolutePath(fields, 'mailAddressFile'),
  };
}

function absolutePath(fields: Readonly<Record<string, unknown>>, field: string): string {
  const value = fields[field];
  if (typeof value !== 'string' || !isAbsolute(value))
    throw new HofjeError('gate.config', `the gate's configuration needs an absolute path ${field}`, { field });
  return value;
}
