import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HofjeError } from '#model/error.ts';

/** What came back: the value and the milliseconds that the call took in there. */
interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly ms?: number;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

const PROGRAM = fileURLToPath(new URL('./resident-main.ts', import.meta.url));

/**
 * A process of the test that lives in other namespaces (a test runner cannot enter them itself) and calls functions of any
 * module there. The arguments and values are JSON.
 */
export class Resident {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.on('exit', () => {
      for (const [id, settle] of this.#waiting) settle({ id, error: { code: 'resident.gone', message: 'It ended.' } });
    });
  }

  /** `prefix`: the command that enters the namespaces and executes the rest, for example `['unshare', '--mount', '--']`. */
  static async start(prefix: readonly string[]): Promise<Resident> {
    const [program = process.execPath, ...args] = [...prefix, process.execPath, PROGRAM];
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [pid] = (await once(child, 'message', { signal: AbortSignal.timeout(20_000) })) as [number];
    return new Resident(child, pid);
  }

  async call(module: string, name: string, ...args: unknown[]): Promise<unknown> {
    return (await this.timed(module, name, ...args)).value;
  }

  async timed(module: string, name: string, ...args: unknown[]): Promise<{ value: unknown; ms: number }> {
    const id = ++this.#calls;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, module, name, args });
    });
    const { error, value, ms = 0 } = answer;
    if (error !== undefined)
      throw new HofjeError(error.code, error.message, error.hint === undefined ? {} : { hint: error.hint });
    return { value, ms };
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, 'exit');
  }
}
