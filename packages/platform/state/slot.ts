import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';
import { stateFolders } from './folders.ts';
import { parseInstallation } from './installation.ts';

/**
 * Which installation of the machine has which slot while it runs: a file per slot that holds the path of its state
 * folder. In /run, so that it is forgotten with everything else that a running installation is made of.
 */
const CLAIMS = '/run/hofje';

/** The name of the machine's end of the link to the node. */
export function interfaceName(slot: number): string {
  return `hofje${slot}`;
}

const claimFile = (slot: number) => join(CLAIMS, `slot-${slot}`);

/** Whether no installation has the slot, or only one whose state folder is gone together with its interface. */
export async function slotIsFree(slot: number): Promise<boolean> {
  if (existsSync(join('/sys/class/net', interfaceName(slot)))) return false;
  const holder = await holderOf(slot);
  return holder === undefined || !(await hasSlot(holder, slot));
}

/** Claims a slot for a state folder; false when another one has it. A claim of one's own is kept. */
export async function claimSlot(slot: number, root: string): Promise<boolean> {
  await mkdir(CLAIMS, { recursive: true, mode: 0o755 });
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await writeFile(claimFile(slot), `${root}\n`, { flag: 'wx', mode: 0o644 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await holderOf(slot);
    if (holder === root) return true;
    if (holder !== undefined && (await hasSlot(holder, slot))) return false;
    await rm(claimFile(slot), { force: true });
  }
  throw new HofjeError('platform.slot-taken', `the claim on slot ${slot} keeps changing`);
}

/** Gives the slot back, when it is this state folder's. */
export async function releaseSlot(slot: number, root: string): Promise<void> {
  if ((await holderOf(slot)) === root) await rm(claimFile(slot), { force: true });
}

/** The slot that a state folder holds, even when its own files are gone. */
export async function slotHeldBy(root: string): Promise<number | undefined> {
  const names = await readdir(CLAIMS).catch(() => []);
  for (const name of names) {
    const slot = Number(/^slot-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isInteger(slot) && (await holderOf(slot)) === root) return slot;
  }
  return undefined;
}

/** State folders of all installations that are running, or were when the machine was last awake. */
export async function runningStates(): Promise<readonly string[]> {
  const names = await readdir(CLAIMS).catch(() => []);
  const holders = await Promise.all(names.map((name) => readFile(join(CLAIMS, name), 'utf8').catch(() => '')));
  return holders.map((holder) => holder.trim()).filter((holder) => holder !== '');
}

async function holderOf(slot: number): Promise<string | undefined> {
  const text = await readFile(claimFile(slot), 'utf8').catch(() => undefined);
  return text?.trim();
}

async function hasSlot(root: string, slot: number): Promise<boolean> {
  const text = await readFile(stateFolders(root).installation, 'utf8').catch(() => '');
  return parseInstallation(text)?.slot === slot;
}
