import { readFile } from 'node:fs/promises';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { HofjeError } from '#model/error.ts';
import { type InstallationId, idPattern } from '#model/id.ts';
import { SLOTS } from '#model/node/address.ts';

const bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** What the platform tells a node's agent, in `agent.json`. */
const AgentConfig = Type.Object({
  installation: Type.Unsafe<InstallationId>(Type.String({ pattern: idPattern('installation').source })),
  slot: Type.Integer({ minimum: 0, maximum: SLOTS - 1 }),
  /** Names the node's control groups and its mail server. */
  name: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$' }),
  /** Where the control plane listens for agents. */
  controlUrl: Type.String({ pattern: '^https://[^/]+$' }),
  /** Folder of the OCI layout from which images are unpacked. */
  layout: Type.String({ pattern: '^/' }),
  diskBytes: bytes,
  gateUid: Type.Integer({ minimum: 1 }),
  /** Memory of the machine that no waking site may take. */
  memoryReserveBytes: bytes,
  /** What all sites together may use; absent: whatever the machine has. */
  sitesMemoryBytes: Type.Optional(bytes),
});
export type AgentConfig = Static<typeof AgentConfig>;
const check = Compile(AgentConfig);

/** Throws `node.config`, naming the field. */
export async function readConfig(path: string): Promise<AgentConfig> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new HofjeError('node.config', `${path} cannot be read`, { cause });
  }
  if (check.Check(value)) return value;
  const fault = check.Errors(value)[0];
  const field = fault?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  throw new HofjeError('node.config', `${path}: ${field || 'the whole'} ${fault?.message ?? 'is wrong'}`, { field });
}

/** The port of the control plane. */
export function controlPort(config: AgentConfig): number {
  return Number(new URL(config.controlUrl).port || 443);
}
