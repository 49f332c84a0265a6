import { readFile } from 'node:fs/promises';
import { availableParallelism, release, totalmem } from 'node:os';

/** What the figures were measured on. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly kernel: string;
}

export async function describeMachine(): Promise<Machine> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
  return {
    cores: availableParallelism(),
    processor: /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1] ?? process.arch,
    memoryBytes: totalmem(),
    kernel: release(),
  };
}

/** Mean number of processes that ran or wanted to during the last minute. */
export async function load(): Promise<number> {
  return Number((await readFile('/proc/loadavg', 'utf8')).split(' ')[0]);
}
