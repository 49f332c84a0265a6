import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { NodeReport } from '#contract/agent/messages.ts';
import { run } from '#host/run.ts';
import type { ControlGroups } from '../container/cgroup.ts';

/** What the machine is, for those who decide where sites live. */
export async function readFacts(groups: ControlGroups): Promise<NodeReport['facts']> {
  const kernel = (await readFile('/proc/sys/kernel/osrelease', 'utf8')).trim();
  const { stdout } = await run(['crun', '--version']);
  return {
    kernel,
    crun: /^crun version (\S+)/m.exec(stdout)?.[1] ?? 'unknown',
    cgroups: groups.hierarchies.some((one) => one.version === 1) ? 'v1' : 'v2',
    memoryBytes: totalmem(),
    processors: availableParallelism(),
  };
}
