import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { KIND_UIDS } from '#model/node/address.ts';
import { isPinned } from '../network/namespace.ts';
import { holdNamespace } from './held-namespace.ts';

/** The ids of a container on the machine. */
export interface UserMap {
  /** Container 0..999 become `imageUidBase`..`imageUidBase + 999`. */
  readonly imageUidBase: number;
  /** A site's own id on the machine; inside it is 1000. Services have none. */
  readonly siteUid?: number;
}

const SITE_ID_INSIDE = 1000;

/** The lines of `uid_map` and of `gid_map` (user_namespaces(7)): both are the same. */
export function mapText(map: UserMap): string {
  const image = `0 ${map.imageUidBase} ${KIND_UIDS}\n`;
  return map.siteUid === undefined ? image : `${image}${SITE_ID_INSIDE} ${map.siteUid} 1\n`;
}

/**
 * Makes the user namespace of a site or a service and pins it at `pin` (a file; its folder is made). Does nothing when it
 * is there with the right map; throws `container.user-namespace` when it is there with another.
 *
 * The namespace is created by the site's own id, a service's by the first of its range: the kernel counts inotify
 * instances, message queues, pending signals and more per user and charges what is used inside to the creator of the
 * namespace too. Created by root, all sites would share one count.
 */
export async function ensureUserNamespace(map: UserMap & { readonly pin: string }): Promise<void> {
  if (await isPinned(map.pin)) return await checkPinned(map);
  await mkdir(dirname(map.pin), { recursive: true, mode: 0o700 });
  const creator = `${map.siteUid ?? map.imageUidBase}`;
  const identity = ['--reuid', creator, '--regid', creator, '--clear-groups'];
  const holder = await holdNamespace(['setpriv', ...identity, '--', 'unshare', '--user', '--'], 'user');
  try {
    await writeFile(`/proc/${holder.pid}/uid_map`, mapText(map));
    await writeFile(`/proc/${holder.pid}/gid_map`, mapText(map));
    await writeFile(map.pin, '', { flag: 'a', mode: 0o600 });
    await run(['mount', '--bind', '--', `/proc/${holder.pid}/ns/user`, map.pin]);
  } finally {
    await holder.release();
  }
}

/** A pinned namespace has no process whose map one could read: one is sent in to look. */
async function checkPinned(map: UserMap & { readonly pin: string }): Promise<void> {
  const { stdout } = await run(['nsenter', `--user=${map.pin}`, '--', 'cat', '/proc/self/uid_map']);
  const numbers = (text: string) => text.trim().split(/\s+/).join(' ');
  if (numbers(stdout) !== numbers(mapText(map))) throw failed(`${map.pin} has another map`);
}

function failed(why: string): HofjeError {
  return new HofjeError('container.user-namespace', `The user namespace of a container: ${why}.`);
}
