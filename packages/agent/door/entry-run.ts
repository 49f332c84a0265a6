import { closeSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CrunCall, crunArgv } from '../container/crun.ts';
import type { EntryStreams, TerminalSize } from './enter.ts';
import { type InputRelay, OutputRelay, pipeEnd, relayInput, relayKeys } from './relay.ts';
import { Resizer } from './resize.ts';
import type { Started, Starter, StartOrder } from './starter.ts';
import { openTerminal } from './terminal.ts';

export interface EntryRunOptions {
  readonly crun: CrunCall;
  /** The entry's own folder, with the description of the process in `process.json`. */
  readonly folder: string;
  readonly descriptionBytes: number;
  readonly container: string;
  /** Below the container's own group. */
  readonly group: string;
  /** Files by which a process enters that group itself; none where crun can start it there. */
  readonly joins: readonly string[];
  /** Folder of that group, by which all that is in it is killed. */
  readonly groupFolder: string;
  /** The site's user on the machine: owner of the pipes. */
  readonly owner: number;
  readonly terminal: TerminalSize | undefined;
  readonly filesMax: number;
  readonly starter: Starter;
  readonly streams: EntryStreams;
  /** The caller's input broke off before its end. */
  readonly onInputBroken: () => void;
}

/** crun, started, and what connects its program with the caller: pipes, or a terminal. */
interface Connection {
  readonly started: Started;
  readonly outputs: (onHeld: () => void) => readonly OutputRelay[];
  readonly input: () => InputRelay;
}

const POLL_MS = 2;
/** A description of more bytes does not stay while the program runs: many of them would leave no room for those of others. */
const DESCRIPTION_KEPT = 8192;
const NO_INPUT: InputRelay = { stop: () => undefined };

/** One run of `crun exec`, from its start to its end. */
export class EntryRun {
  /** crun's exit code, null when crun was killed or nobody knows. Never rejects. */
  readonly ended: Promise<number | null>;
  readonly #options: EntryRunOptions;
  readonly #started: Started;
  readonly #outputs: readonly OutputRelay[];
  #input: InputRelay = NO_INPUT;
  #resizer: Resizer | undefined;
  #over = false;

  /** Throws `container.enter` when crun cannot be started. */
  static async start(options: EntryRunOptions): Promise<EntryRun> {
    const { terminal } = options;
    const order = execOrder(options);
    const connection =
      terminal === undefined ? await byPipes(options, order) : await byTerminal(options, order, terminal);
    return new EntryRun(options, connection);
  }

  private constructor(options: EntryRunOptions, connection: Connection) {
    this.#options = options;
    this.#started = connection.started;
    this.ended = connection.started.ended;
    void this.ended.then(() => {
      this.#over = true;
    });
    this.#outputs = connection.outputs(() => void this.#releaseOnceStarted());
    if (options.terminal !== undefined) void this.#connectTerminal(connection.input);
    else this.#input = connection.input();
    if (options.descriptionBytes > DESCRIPTION_KEPT) void this.#dropDescription();
  }

  /** The program's number on the machine; undefined until crun says that it is about to be started. */
  pid(): number | undefined {
    try {
      const pid = Number(readFileSync(pidFile(this.#options), 'latin1'));
      return pid > 0 ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Ends crun; what it has started is ended with its group. */
  kill(): void {
    this.#started.kill();
  }

  /**
   * Hands over the last output, `behind` after all else, and lets go of all streams. What finds no taker for `patienceMs`
   * is dropped; all of it is when that is 0.
   */
  async finish(patienceMs: number, behind: Buffer): Promise<void> {
    this.#input.stop();
    this.#started.endInput();
    await this.#resizer?.stop();
    for (const output of this.#outputs) {
      if (patienceMs > 0) output.release();
      else output.discard();
    }
    await Promise.all(this.#outputs.map((output) => output.finish(patienceMs)));
    const { stdout } = this.#options.streams;
    if (patienceMs > 0 && behind.length > 0 && stdout.writable) stdout.write(behind);
  }

  /** Until crun has replaced itself by the program, what is written may be crun's complaint. */
  async #releaseOnceStarted(): Promise<void> {
    if (await this.#hasBegun()) for (const output of this.#outputs) output.release();
  }

  async #dropDescription(): Promise<void> {
    if (await this.#hasBegun()) rmSync(descriptionFile(this.#options), { force: true });
  }

  /** A terminal echoes what arrives before crun has silenced it, so nothing is typed before the program runs. */
  async #connectTerminal(connect: () => InputRelay): Promise<void> {
    if (!(await this.#hasBegun())) return;
    this.#input = connect();
    const pid = this.pid();
    if (pid === undefined) return;
    const resizer = new Resizer(this.#options, pid);
    this.#resizer = resizer;
    this.#options.streams.onResize?.((size) => resizer.set(size));
  }

  /** True when the program runs, false when crun has ended before that was seen. */
  async #hasBegun(): Promise<boolean> {
    while (!this.#over) {
      if (this.#hasStarted()) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  #hasStarted(): boolean {
    const pid = this.pid();
    if (pid === undefined) return false;
    return isSameProgram(this.#started.pid, pid) === false;
  }
}

/**
 * The call of crun. Where the process that becomes crun is in the entry's group already, all that crun starts is born there;
 * crun is then told a group that is nowhere, for which it moves nothing.
 */
function execOrder(options: EntryRunOptions): StartOrder {
  const { crun, group, joins, groupFolder, container } = options;
  const process = descriptionFile(options);
  const place = joins.length > 0 ? `${group}/none` : group;
  const args = ['exec', '--process', process, '--cgroup', place, '--pid-file', pidFile(options), container];
  return { argv: ['crun', ...crunArgv(crun, args)], joins, group: groupFolder, log: crun.log };
}

function descriptionFile({ folder }: EntryRunOptions): string {
  return join(folder, 'process.json');
}

function pidFile({ folder }: EntryRunOptions): string {
  return join(folder, 'pid');
}

/** Whether two processes run the same program file; undefined when one of them has ended. */
function isSameProgram(one: number | undefined, other: number): boolean | undefined {
  try {
    const [first, second] = [statSync(`/proc/${one}/exe`), statSync(`/proc/${other}/exe`)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return undefined;
  }
}

async function byPipes(options: EntryRunOptions, order: StartOrder): Promise<Connection> {
  const { starter, owner, streams, onInputBroken } = options;
  // Also an empty input is a pipe: a file or device of the machine would show its path, and belong to the site (fchown).
  const { started, ends } = await starter.withPipes(order, owner);
  return {
    started,
    outputs: (onHeld) => [
      new OutputRelay(pipeEnd(ends.stdout, 'read'), streams.stdout, onHeld),
      new OutputRelay(pipeEnd(ends.stderr, 'read'), streams.stderr, onHeld),
    ],
    input: () => {
      const onComplete = () => started.endInput();
      if (streams.stdin !== null) {
        return relayInput(streams.stdin, pipeEnd(ends.stdin, 'write'), { onBroken: onInputBroken, onComplete });
      }
      closeSync(ends.stdin);
      onComplete();
      return NO_INPUT;
    },
  };
}

async function byTerminal(options: EntryRunOptions, order: StartOrder, size: TerminalSize): Promise<Connection> {
  const { starter, streams } = options;
  const { stream, slave } = openTerminal(size.columns, size.rows);
  try {
    const started = await starter.withTerminal(order, slave);
    return {
      started,
      outputs: (onHeld) => [new OutputRelay(stream, streams.stdout, onHeld)],
      input: () => (streams.stdin === null ? NO_INPUT : relayKeys(streams.stdin, stream)),
    };
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    closeSync(slave);
  }
}
