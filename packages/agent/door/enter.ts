/**
 * The one door: nothing else in the code base starts a customer's program. A program is started inside the site's own
 * container, in a group of its own that is made before and killed afterwards, with a description that leaves nothing
 * to inherit.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type Command, commandFault } from '#model/door/command.ts';
import { DOORS, type Door, type DoorRule } from '#model/door/door.ts';
import type { NotStartedReason, Outcome, StarvedOf } from '#model/door/outcome.ts';
import { makeId, type SiteId } from '#model/id.ts';
import { lastOutput, readCrunLog } from '../container/crun.ts';
import type { Hardship } from '../container/group-counts.ts';
import type { SiteInstance } from '../container/instance.ts';
import { ENTRIES_GROUP, type Runtime } from '../container/runtime.ts';
import { entryProcess } from '../container/spec.ts';
import { EntryRun } from './entry-run.ts';
import { type Evidence, judge } from './judge.ts';
import { Starter } from './starter.ts';
import { onceSized } from './waiter.ts';

export interface EntryTarget {
  readonly site: SiteId;
  readonly instance: SiteInstance;
  /** How many entries of the site may run at once (the plan's `entries`). */
  readonly entriesMax: number;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The caller's side of an entry. Output streams are not ended here; with a terminal all output goes to `stdout`. */
export interface EntryStreams {
  /** Null: the program finds an empty input. One that is destroyed before its end ends the entry. */
  readonly stdin: Readable | null;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** With a terminal: called once with the function that takes new sizes. */
  readonly onResize?: (listener: (size: TerminalSize) => void) => void;
}

/**
 * Starts a program in a running site and waits for its end; never throws for what a customer or a program can cause.
 * `signal` ends it early. When this returns, no process of the entry is left.
 */
export type Enter = (
  target: EntryTarget,
  door: Door,
  command: Command,
  streams: EntryStreams,
  signal: AbortSignal,
) => Promise<Outcome>;

export interface EnterOptions {
  readonly runtime: Runtime;
  /** A folder of its own, for files that exist while an entry runs. */
  readonly work: string;
  /** The doors and their rules; `DOORS` unless a test is in a hurry. */
  readonly doors?: Readonly<Record<Door, Pick<DoorRule, 'timeLimitSeconds'>>>;
}

export interface Doorkeeper {
  readonly enter: Enter;
  /** Ends what an earlier agent's entries have left in a running site. To be called for each before the first entry. */
  endStrays(instance: SiteInstance): Promise<void>;
  close(): void;
}

export function makeEnter(options: EnterOptions): Doorkeeper {
  const { runtime } = options;
  const starter = new Starter();
  const running = new Map<SiteId, number>();

  const enter: Enter = async (target, door, command, streams, signal) => {
    const fault = commandFault(command);
    if (fault !== undefined) return notStarted('invalid-command', fault);
    if (signal.aborted) return notStarted('platform', 'the caller gave up');
    if (!runtime.isRunning(target.instance)) return notStarted('site-cannot-start', 'the container does not run');
    const now = running.get(target.site) ?? 0;
    if (now >= target.entriesMax) return notStarted('too-many-entries', `${now} entries run already`);
    running.set(target.site, now + 1);
    try {
      return await runEntry({ ...options, starter, target, door, command, streams, signal });
    } catch (error) {
      return notStarted('platform', error instanceof Error ? error.message : String(error));
    } finally {
      const left = (running.get(target.site) ?? 1) - 1;
      if (left > 0) running.set(target.site, left);
      else running.delete(target.site);
    }
  };

  return {
    enter,
    endStrays: (instance) => endStrays(runtime, instance),
    close: () => starter.close(),
  };
}

interface Entry extends EnterOptions {
  readonly starter: Starter;
  readonly target: EntryTarget;
  readonly door: Door;
  readonly command: Command;
  readonly streams: EntryStreams;
  readonly signal: AbortSignal;
}

/** Makes what one entry needs, lets it run, and removes all of it. */
async function runEntry(entry: Entry): Promise<Outcome> {
  const { runtime, target } = entry;
  const id = makeId('entry', randomBytes(20));
  const group = join(target.instance.cgroup, ENTRIES_GROUP, id);
  const folder = join(entry.work, id);
  try {
    // crun silently leaves a program outside of a group that is missing in one of the hierarchies.
    runtime.groups.add(group);
    const descriptionBytes = describe(entry, folder);
    const evidence = await runProgram(entry, id, folder, descriptionBytes);
    return judge(evidence);
  } finally {
    await runtime.groups.kill(group);
    rmSync(folder, { recursive: true, force: true });
    await runtime.groups.remove(group);
  }
}

/**
 * Writes the whole description of the process where only root can read it: the environment may hold secrets. Small files
 * at once rather than by promises, which took most of what the door adds. Returns its size in bytes.
 */
function describe({ command, runtime }: Entry, folder: string): number {
  const process = entryProcess({ ...command, filesMax: runtime.filesMax });
  const document = command.terminal === undefined ? process : onceSized(process);
  const text = Buffer.from(JSON.stringify(document));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'process.json'), text, { mode: 0o600 });
  return text.length;
}

async function runProgram(entry: Entry, id: string, folder: string, descriptionBytes: number): Promise<Evidence> {
  const { runtime, target, command, streams } = entry;
  const group = join(target.instance.cgroup, ENTRIES_GROUP, id);
  const before = runtime.groups.hardship(group, target.instance.cgroup);
  const broken = new AbortController();
  const run = await EntryRun.start({
    crun: { root: runtime.crun, log: join(folder, 'crun.log') },
    folder,
    descriptionBytes,
    container: target.instance.name,
    group: `${ENTRIES_GROUP}/${id}`,
    joins: runtime.groups.joins(group),
    groupFolder: runtime.groups.folder(group),
    owner: target.instance.uid,
    terminal: command.terminal,
    filesMax: runtime.filesMax,
    starter: entry.starter,
    streams,
    onInputBroken: () => broken.abort(),
  });
  const seconds = (entry.doors ?? DOORS)[entry.door].timeLimitSeconds;
  const watch = watchOver(run, seconds, AbortSignal.any([entry.signal, broken.signal]));
  let left: Evidence | undefined;
  let last: Buffer = Buffer.alloc(0);
  try {
    const code = await run.ended;
    const containerRuns = runtime.isRunning(target.instance);
    await runtime.groups.kill(group);
    const starved = starvedOf(before, runtime.groups.hardship(group, target.instance.cgroup));
    const { messages, rest } = readCrunLog(join(folder, 'crun.log'));
    last = lastOutput(rest);
    left = {
      code,
      messages,
      begun: run.pid() !== undefined,
      containerRuns,
      hasTerminal: command.terminal !== undefined,
      ...starved,
      ...watch.endedBy(),
    };
    return left;
  } finally {
    watch.stop();
    await run.finish(left?.begun === true && left.messages.length === 0 ? patience(left.endedBy) : 0, last);
  }
}

function starvedOf(before: Hardship, after: Hardship): { readonly starvedOf?: StarvedOf } {
  if (after.oomKills > before.oomKills) return { starvedOf: 'memory' };
  return after.refusedForks > before.refusedForks ? { starvedOf: 'processes' } : {};
}

/** Ends the entry when its time is over or the caller gives up, and remembers which came first. */
function watchOver(run: EntryRun, seconds: number, givenUp: AbortSignal) {
  let by: Evidence['endedBy'];
  const end = (why: Evidence['endedBy']) => {
    by ??= why;
    run.kill();
  };
  const timer = setTimeout(() => end({ kind: 'time-limit', seconds }), seconds * 1000);
  const onGivenUp = () => end({ kind: 'caller' });
  if (givenUp.aborted) onGivenUp();
  else givenUp.addEventListener('abort', onGivenUp, { once: true });
  return {
    endedBy: (): Pick<Evidence, 'endedBy'> => (by === undefined ? {} : { endedBy: by }),
    stop: () => {
      clearTimeout(timer);
      givenUp.removeEventListener('abort', onGivenUp);
    },
  };
}

/** How long the caller may take no output once the program has ended: less when it was stuck anyway. */
function patience(endedBy: Evidence['endedBy']): number {
  if (endedBy === undefined) return 10_000;
  return endedBy.kind === 'caller' ? 0 : 1000;
}

async function endStrays(runtime: Runtime, instance: SiteInstance): Promise<void> {
  const entries = join(instance.cgroup, ENTRIES_GROUP);
  await runtime.groups.kill(entries);
  for (const name of runtime.groups.children(entries)) await runtime.groups.remove(join(entries, name));
}

function notStarted(reason: NotStartedReason, detail: string): Outcome {
  return { kind: 'not-started', reason, detail };
}
