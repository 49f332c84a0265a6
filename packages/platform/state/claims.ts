import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';
import { stateFolders } from './folders.ts';
import { type Installation, parseInstallation } from './installation.ts';

/**
 * Which running installation of the machine has which slot and port: a file each, that holds the path of the state
 * folder. In /run, so that it is forgotten with everything else that a running installation is made of.
 */
const CLAIMS = '/run/hofje';

/** Something of which each running installation has one of its own. */
export type Claim = `slot-${number}` | `port-${number}`;

/** The name of the machine's end of the link to the node. */
export function interfaceName(slot: number): string {
  return `hofje${slot}`;
}

/** Whether no installation has the slot, or only one whose state folder is gone together with its interface. */
export async function slotIsFree(slot: number): Promise<boolean> {
  if (existsSync(join('/sys/class/net', interfaceName(slot)))) return false;
  const holder = await holderOf(`slot-${slot}`);
  return holder === undefined || !(await stillHolds(holder, `slot-${slot}`));
}

/** Takes it for a state folder; false when another installation has it. What one has already is kept. */
export async function claim(wanted: Claim, root: string): Promise<boolean> {
  await mkdir(CLAIMS, { recursive: true, mode: 0o755 });
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await writeFile(join(CLAIMS, wanted), `${root}\n`, { flag: 'wx', mode: 0o644 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await holderOf(wanted);
    if (holder === root) return true;
    if (holder !== undefined && (await stillHolds(holder, wanted))) return false;
    await rm(join(CLAIMS, wanted), { force: true });
  }
  throw new HofjeError('platform.claims', `the claim on ${wanted} keeps changing`);
}

/** Gives one back, when it is this state folder's. */
export async function release(held: Claim, root: string): Promise<void> {
  if ((await holderOf(held)) === root) await rm(join(CLAIMS, held), { force: true });
}

/** Everything that a state folder has claimed, even when its own files are gone. */
export async function claimsOf(root: string): Promise<readonly Claim[]> {
  const names: readonly string[] = await readdir(CLAIMS).catch(() => []);
  const claims = names.filter((name): name is Claim => /^(slot|port)-\d+$/.test(name));
  const holders = await Promise.all(claims.map(holderOf));
  return claims.filter((_, index) => holders[index] === root);
}

/** State folders of all installations that are running, or were when the machine was last awake. */
export async function runningStates(): Promise<readonly string[]> {
  const names = (await readdir(CLAIMS).catch(() => [])).filter((name) => name.startsWith('slot-'));
  const holders = await Promise.all(names.map((name) => holderOf(name as Claim)));
  return holders.filter((holder) => holder !== undefined);
}

async function holderOf(held: Claim): Promise<string | undefined> {
  const text = await readFile(join(CLAIMS, held), 'utf8').catch(() => '');
  return text.trim() || undefined;
}

/** A claim whose installation is gone, or has got another number, binds nobody. One that is just being made does. */
async function stillHolds(root: string, held: Claim): Promise<boolean> {
  const text = await readFile(stateFolders(root).installation, 'utf8').catch(() => undefined);
  if (text === undefined) return existsSync(root);
  const installation = parseInstallation(text);
  return installation !== undefined && numbersOf(installation).includes(held);
}

function numbersOf({ slot, ports }: Installation): readonly Claim[] {
  return [`slot-${slot}`, `port-${ports.api}`];
}
