import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { HofjeError } from '#model/error.ts';
import { CRUN_ENVIRONMENT } from '../container/crun.ts';
import { OOM_SCORE } from '../container/spec.ts';
import { STARTER } from './starter-program.ts';

/** What is to be started, and how. */
export interface StartOrder {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Files into which the new process writes `0` before it becomes the program, in this order. */
  readonly joins: readonly string[];
  /** Folder of the control group that holds all that the program starts; killed when this process dies too early. */
  readonly group?: string;
  /** A file for the reason why the program was not started, in the form of crun's log. */
  readonly log: string;
}

/** A process that was started. */
export interface Started {
  readonly pid: number;
  /** Its exit code; null when a signal ended it, or when the helper ended first: then it may still run. Never rejects. */
  readonly ended: Promise<number | null>;
  /** Kills it (SIGKILL). No error when it has ended. */
  kill(): void;
  /**
   * Its standard input is complete: what was written is all, and it sees the end once the descriptor is closed here. If this
   * process goes away without saying so, the order's group is killed instead. To be called in any case, once nothing of the
   * program is left if not before.
   */
  endInput(): void;
}

/** This process's ends of a program's standard input, output and error; each is to be closed by who takes it. */
export interface PipeEnds {
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

interface Helper {
  readonly child: ChildProcess;
  /** Those that wait for its answer: called with its words, with none when it has ended. */
  readonly made: Map<string, (words: readonly string[]) => void>;
  /** Those that wait for the end of a process. */
  readonly running: Map<string, (code: number | null) => void>;
}

/**
 * Starts crun for the door, by one small process of the host that stays (Perl; perl-base is part of every Debian system).
 * It does what Node cannot, or only at a price:
 *
 * - Real pipes. What Node calls a pipe is a socket, and a program that opens `/dev/stderr` by name then fails (ENXIO).
 * - A small process forks fast. Node's own fork copies the page tables of the whole agent, which stands still meanwhile.
 * - The new process enters its control groups by itself. Being moved by another one waits in version 1 until every processor
 *   has passed a quiet point: some 10 ms, for which nothing on the machine can fork.
 * - It outlives the agent. A program whose input breaks off because the agent was killed is killed, too, before it sees an
 *   end and takes half for the whole.
 */
export class Starter {
  #helper: Helper | undefined;
  #orders = 0;

  /** Starts a process between three pipes that belong to this user and group, who may open them by name. */
  async withPipes(order: StartOrder, owner: number): Promise<{ readonly started: Started; readonly ends: PipeEnds }> {
    const { started, numbers, helper } = await this.#start(order, '');
    try {
      return { started, ends: reopen(`/proc/${helper.child.pid}/fd`, numbers, owner) };
    } catch (error) {
      // Whoever ends its group next finds it in there.
      started.kill();
      await started.ended;
      started.endInput();
      throw error;
    } finally {
      tell(helper, ['close', ...numbers]);
    }
  }

  /** Starts a process whose three streams are a descriptor of this process (a terminal), which stays open here. */
  async withTerminal(order: StartOrder, descriptor: number): Promise<Started> {
    const { started } = await this.#start(order, `/proc/${process.pid}/fd/${descriptor}`);
    return started;
  }

  /** Ends the helper, and of what it has started those whose input is not complete. A later start makes another. */
  close(): void {
    this.#helper?.child.stdin?.end();
    this.#helper = undefined;
  }

  async #start({ argv, joins, log, group = '' }: StartOrder, terminal: string) {
    this.#helper ??= this.#startHelper();
    const helper = this.#helper;
    const id = `${++this.#orders}`;
    const ended = new Promise<number | null>((resolve) => helper.running.set(id, resolve));
    const made = new Promise<readonly string[]>((resolve) => helper.made.set(id, resolve));
    const words = [`${OOM_SCORE.entry}`, log, terminal, group, `${joins.length}`, ...joins, ...argv];
    tell(helper, ['start', id, ...words.map(encodeURIComponent)]);
    const [pid, ...numbers] = await made;
    if (Number(pid) > 0) return { started: startedProcess(helper, id, Number(pid), ended), numbers, helper };
    helper.running.delete(id);
    const why = pid === undefined ? 'has ended' : `cannot start one: ${numbers.join(' ')}`;
    throw new HofjeError('container.enter', `The helper that starts programs ${why}.`);
  }

  #startHelper(): Helper {
    const child = spawn('perl', ['-e', STARTER], {
      env: CRUN_ENVIRONMENT,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const helper: Helper = { child, made: new Map(), running: new Map() };
    const lose = () => {
      if (this.#helper === helper) this.#helper = undefined;
      for (const resolve of helper.made.values()) resolve([]);
      for (const resolve of helper.running.values()) resolve(null);
      helper.made.clear();
      helper.running.clear();
    };
    createInterface({ input: child.stdout }).on('line', (line) => hear(helper, line));
    // Not the end of what it says: a process that it has just started may hold that open.
    child.on('exit', lose);
    child.on('error', lose);
    child.stdin.on('error', lose);
    child.unref();
    return helper;
  }
}

function startedProcess(helper: Helper, id: string, pid: number, ended: Promise<number | null>): Started {
  return { pid, ended, kill: () => tell(helper, ['kill', id]), endInput: () => tell(helper, ['end', id]) };
}

function hear({ made, running }: Helper, line: string): void {
  const [word, id = '', ...rest] = line.split(' ');
  if (word === 'made') {
    made.get(id)?.(rest);
    made.delete(id);
    return;
  }
  const status = Number(rest[0]);
  running.get(id)?.((status & 0x7f) === 0 ? status >> 8 : null);
  running.delete(id);
}

function tell({ child }: Helper, words: readonly string[]): void {
  if (child.stdin?.writable === true) child.stdin.write(`${words.join(' ')}\n`);
}

/** Opens the helper's descriptors here; `fchown` lets the program open its own ends by name. */
function reopen(folder: string, numbers: readonly string[], owner: number): PipeEnds {
  const opened: number[] = [];
  const open = (number: string | undefined, flags: 'r' | 'w') => {
    const descriptor = openSync(`${folder}/${number}`, flags);
    opened.push(descriptor);
    fchownSync(descriptor, owner, owner);
    return descriptor;
  };
  try {
    const [stdin, stdout, stderr] = numbers;
    return { stdin: open(stdin, 'w'), stdout: open(stdout, 'r'), stderr: open(stderr, 'r') };
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    throw error;
  }
}
