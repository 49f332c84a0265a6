import type { PlanLimits } from '#model/plan/plan.ts';
import type { InstanceLimits } from './instance.ts';

/** Limits of one control group; what is not named is bounded by the group above alone. */
export interface GroupLimits {
  /** Memory and swap together where the kernel counts so (v1); memory alone, and no swap (v2). Bytes. */
  readonly memoryBytes?: number;
  /** Processes and threads. */
  readonly processes?: number;
  /** Hundredths of one core. */
  readonly cpuPercent?: number;
  /** Reads, and as many writes, a second on one block device (`major:minor`). */
  readonly io?: { readonly device: string; readonly perSecond: number };
}

/** Below this an Apache or PHP does not even start. */
const MEMORY_MIN = 16 * 1024 * 1024;
const PROCESSES_MIN = 8;

/**
 * A plan's limits as those of a site's groups. Web alone, and all entries together, each leave the plan's reserve to the
 * other: a full web part does not lock mail and shell out, and a fork bomb in a shell does not stop the website.
 * `device` is the block device under the site's files, where the kernel can throttle it.
 */
export function siteLimits(plan: PlanLimits, device?: string): InstanceLimits {
  const share = (100 - plan.entryReservePercent) / 100;
  const half = {
    memoryBytes: Math.max(MEMORY_MIN, Math.floor(plan.memoryBytes * share)),
    processes: Math.max(PROCESSES_MIN, Math.floor(plan.processes * share)),
  };
  const io = device === undefined ? {} : { io: { device, perSecond: plan.ioPerSecond } };
  return {
    whole: { memoryBytes: plan.memoryBytes, processes: plan.processes, cpuPercent: plan.cpuPercent, ...io },
    web: half,
    entries: half,
  };
}
