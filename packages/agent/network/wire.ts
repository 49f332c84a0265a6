import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { areJoined, type Link, type LinkEnd, makeEnds, parseLinkEnd, setInnerEnd, setNodeEnd } from './link.ts';
import { INNER_LINK } from './names.ts';
import { inside } from './namespace.ts';

/** The beginning of a command: `inside(pin)`, or nothing for the namespace of this process. */
export type Place = readonly string[];

/** Joins the pinned namespace with this one, or finds them joined. `isNew`: nothing is in the pinned one yet. */
export async function ensureWire(link: Link, isNew: boolean): Promise<void> {
  if (isNew) await makeWire(link);
  else if (await isWhole(link)) await batch([], setNodeEnd(link));
  else {
    await removeEnd(inside(link.pin), INNER_LINK);
    await makeWire(link);
  }
  await batch(inside(link.pin), setInnerEnd(link));
}

/** Tries first and looks afterwards: hardly ever is there a left-over of this name. */
async function makeWire(link: Link): Promise<void> {
  const commands = makeEnds(link) + setNodeEnd(link);
  try {
    await batch([], commands);
  } catch {
    await removeEnd([], link.interfaceName);
    await batch([], commands);
  }
}

async function isWhole(link: Link): Promise<boolean> {
  const ends = [readEnd([], link.interfaceName), readEnd(inside(link.pin), INNER_LINK)] as const;
  return areJoined(...(await Promise.all(ends)));
}

export async function readEnd(place: Place, name: string): Promise<LinkEnd | undefined> {
  const { stdout } = await run(command(place, 'ip', '-json', 'link', 'show', 'dev', name), { accept: [0, 1] });
  return parseLinkEnd(stdout);
}

/** Deletes an interface, and with it the other end of its wire; nothing happens when it is absent. */
export async function removeEnd(place: Place, name: string): Promise<void> {
  const { code, stderr } = await run(command(place, 'ip', 'link', 'delete', 'dev', name), { accept: [0, 1] });
  // The second: it went, with its namespace, after it had been found.
  if (code === 0 || /Cannot find device|No such device/.test(stderr)) return;
  throw new HofjeError('network.link-not-removed', `The link ${name} could not be removed: ${stderr.trim()}`);
}

/** Several ip(8) commands in one process; the first that fails ends it. */
export async function batch(place: Place, commands: string): Promise<void> {
  await run(command(place, 'ip', '-batch', '-'), { input: commands });
}

/** One nft(8) transaction: all of it or nothing. Returns what it printed. */
export async function nft(place: Place, commands: string): Promise<string> {
  const { code, stdout, stderr } = await run(command(place, 'nft', '-f', '-'), { input: commands, accept: [0, 1] });
  if (code === 0) return stdout;
  // The first line says what is wrong; the others draw where.
  throw new HofjeError('network.rules-refused', `nft refused the rules: ${stderr.split('\n', 1)[0]}`);
}

function command(place: Place, program: string, ...args: readonly string[]): [string, ...string[]] {
  const [first = program, ...rest] = [...place, program, ...args];
  return [first, ...rest];
}
