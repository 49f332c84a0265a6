import { open, rm, statfs } from 'node:fs/promises';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

const NSFS_MAGIC = 0x6e736673;

/** Kernel settings by name, as sysctl(8) writes them. */
export type Settings = Readonly<Record<string, string | number>>;

/**
 * Makes sure that `pin` is a network namespace with these settings; true when it was made just now. A new one gets its
 * settings before anything else exists in it.
 */
export async function ensureNamespace(pin: string, settings: Settings): Promise<boolean> {
  mustBePlain(pin);
  if (await isPinned(pin)) {
    await run([...inside(pin), ...settingsCommand(settings)]);
    return false;
  }
  await (await open(pin, 'a', 0o600)).close();
  await run(['unshare', `--net=${pin}`, '--', ...settingsCommand(settings)]);
  return true;
}

/** Takes the pin away. The namespace goes with its last process. */
export async function removeNamespace(pin: string): Promise<void> {
  while (await isPinned(pin)) await run(['umount', '--', pin]);
  await rm(pin, { force: true });
}

export async function isPinned(pin: string): Promise<boolean> {
  return await statfs(pin).then(
    ({ type }) => type === NSFS_MAGIC,
    () => false,
  );
}

/** The beginning of a command that runs inside the namespace. */
export function inside(pin: string): ['nsenter', ...string[]] {
  return ['nsenter', `--net=${pin}`, '--'];
}

function settingsCommand(settings: Settings): string[] {
  // --ignore: a kernel without IPv6 has no settings for it.
  return [
    'sysctl',
    '--quiet',
    '--ignore',
    '--write',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ];
}

/** ip(8) reads its batch word by word, and `#` begins a comment there. */
function mustBePlain(pin: string): void {
  if (/^\/[\w./+:@=,~-]+$/.test(pin)) return;
  throw new HofjeError('network.pin-path', `The path ${JSON.stringify(pin)} has characters that no pin may have.`, {
    hint: 'Choose a state folder of letters, digits and ./+:@=,~- only.',
  });
}
