import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Whether others leave the machine alone, looked at while nothing is measured. */
const LOOK_MS = 300;
const BUSY_MAX = 0.25;

export interface Patience {
  /** How long a quiet moment is waited for. */
  readonly ms: number;
  readonly signal: AbortSignal;
}

/** Waits for a moment in which the machine does little; false when none came. */
export async function quietMoment({ ms, signal }: Patience): Promise<boolean> {
  const deadline = Date.now() + ms;
  do {
    const before = processorTime(await readFile('/proc/stat', 'utf8'));
    await pause(LOOK_MS, undefined, { signal });
    const after = processorTime(await readFile('/proc/stat', 'utf8'));
    if (busyShare(before, after) <= BUSY_MAX) return true;
  } while (Date.now() < deadline);
  return false;
}

export interface ProcessorTime {
  readonly busy: number;
  readonly idle: number;
}

/** Of all processors together since the machine's start, from the text of `/proc/stat` (proc_stat(5)). Pure. */
export function processorTime(stat: string): ProcessorTime {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] =
    /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number) ?? [];
  return { busy: user + nice + system + irq + softirq + steal, idle: idle + wait };
}

/** Pure. */
export function busyShare(before: ProcessorTime, after: ProcessorTime): number {
  const busy = after.busy - before.busy;
  const all = busy + after.idle - before.idle;
  return all > 0 ? busy / all : 0;
}
