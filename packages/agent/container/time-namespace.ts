import { openSync, readFileSync } from 'node:fs';
import { holdNamespace } from './held-namespace.ts';

const DAY_SECONDS = 86_400;
const DAYS_MAX = 100;

/**
 * A time namespace (time_namespaces(7)) in which the machine seems to run for a random while, as a path that crun can join
 * while this process lives: `clock_gettime` asks no system call, so nothing else could keep a site from learning how long
 * the machine is up. `chance` is a number from 0 to 1.
 */
export async function openTimeNamespace(chance: number): Promise<string> {
  const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
  const offset = Math.round(DAY_SECONDS * (1 + chance * DAYS_MAX) - uptime);
  const clocks = [`--boottime=${offset}`, `--monotonic=${offset}`];
  const held = await holdNamespace(['unshare', '--time', ...clocks, '--'], 'time_for_children');
  try {
    const fd = openSync(`/proc/${held.pid}/ns/time_for_children`, 'r');
    return `/proc/${process.pid}/fd/${fd}`;
  } finally {
    await held.release();
  }
}
