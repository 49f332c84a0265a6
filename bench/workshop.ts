import { Baseline } from './baseline/baseline.ts';
import { PodmanSide } from './baseline/podman-side.ts';
import type { Workshop } from './benchmark.ts';
import { NodeSide } from './node/node-side.ts';
import { type Stage, workFolder } from './stage.ts';

/** What benchmarks share, each part begun when it is asked for first; `close` ends whatever was begun. */
export function openWorkshop(stage: Stage, options: Pick<Workshop, 'quick' | 'patienceMs' | 'signal'>) {
  const parts: { end(): Promise<void> }[] = [];
  const once = <T extends { end(): Promise<void> }>(begin: () => Promise<T>): (() => Promise<T>) => {
    let begun: Promise<T> | undefined;
    return async () => {
      begun ??= begin().then((part) => {
        parts.push(part);
        return part;
      });
      return await begun;
    };
  };
  const workshop: Workshop = {
    stage,
    quick: options.quick,
    patienceMs: options.patienceMs,
    signal: options.signal,
    baseline: once(async () => await Baseline.begin(workFolder(stage.folders), stage.layout)),
    podman: once(async () => await PodmanSide.begin(stage, await stage.phpChildren())),
    node: once(async () => await NodeSide.begin(stage)),
  };
  const close = async () => {
    const ends = await Promise.allSettled(parts.map(async (part) => await part.end()));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  return { workshop, close };
}
