import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunResult, run } from '#host/run.ts';
import { makeId } from '#model/id.ts';
import { crunArgv } from '../container/crun.ts';
import type { MailInstance } from '../container/instance.ts';
import { ENTRIES_GROUP, type Runtime } from '../container/runtime.ts';
import { mailCommandProcess } from '../container/spec.ts';

/** Debian-exim of the mail image (see its README). */
const EXIM_UID = 200;
const TIMEOUT_MS = 20_000;

/**
 * Runs one of the mail service's own programs in its container, as the mail server's user; no shell, no customer's
 * program. `input` is its standard input. Throws `host.command-failed` unless the exit code is accepted. `work` is a folder of root's own.
 */
export async function execInMail(
  runtime: Runtime,
  instance: MailInstance,
  work: string,
  argv: readonly [string, ...string[]],
  accept: readonly number[] = [0],
  input = '',
): Promise<RunResult> {
  const id = makeId('entry', randomBytes(20));
  const folder = join(work, id);
  const group = join(instance.cgroup, ENTRIES_GROUP, id);
  const file = join(folder, 'process.json');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const document = mailCommandProcess({ argv, uid: EXIM_UID, filesMax: runtime.filesMax });
    await writeFile(file, JSON.stringify(document), { mode: 0o600 });
    await runtime.groups.add(group);
    const args = ['exec', '--process', file, '--cgroup', `${ENTRIES_GROUP}/${id}`, instance.name];
    const call = { root: runtime.crun, log: join(folder, 'crun.log') };
    return await run(['crun', ...crunArgv(call, args)], { timeoutMs: TIMEOUT_MS, accept, input });
  } finally {
    await runtime.groups.kill(group);
    await Promise.all([runtime.groups.remove(group), rm(folder, { recursive: true, force: true })]);
  }
}
