import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code?: string; readonly message: string };
}

const PROGRAM = fileURLToPath(new URL('./resident-main.ts', import.meta.url));
const INIT = fileURLToPath(new URL('./init.sh', import.meta.url));
const START_MS = 20_000;

/** The functions of a module, as they look from another process: what goes in and comes out is JSON. */
type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * A process of the benchmark that lives in other namespaces and calls the functions of one module there. It ends with this
 * process, however that ends, and takes its namespaces, mounts and children along where `prefix` made them.
 */
export class Resident<F extends Functions> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #ended: Promise<unknown>;
  #calls = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'exit');
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.on('exit', () => {
      for (const [id, settle] of this.#waiting) settle({ id, error: { message: 'the process in there ended' } });
    });
  }

  /**
   * `prefix` enters or makes namespaces and executes what follows it; `module` is the URL of the module whose functions
   * can be called.
   */
  static async start<F extends Functions>(prefix: readonly string[], module: string): Promise<Resident<F>> {
    const [program = 'sh', ...args] = [...prefix, 'sh', INIT, process.execPath, ...process.execArgv, PROGRAM, module];
    const child = spawn(program, args, {
      env: HOST_ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // Ctrl-C is for this process alone: it ends the other one in order.
      detached: true,
    });
    try {
      await once(child, 'message', { signal: AbortSignal.timeout(START_MS) });
    } catch (cause) {
      child.kill('SIGKILL');
      throw new HofjeError('bench.no-resident', `${args.slice(0, 6).join(' ')} does not start`, { cause });
    }
    return new Resident(child);
  }

  async call<N extends keyof F & string>(name: N, ...args: Parameters<F[N]>): Promise<Awaited<ReturnType<F[N]>>> {
    const id = ++this.#calls;
    const { error, value } = await new Promise<Answer>((resolve) => {
      if (!this.#child.connected) return resolve({ id, error: { message: 'the process in there has ended' } });
      this.#waiting.set(id, resolve);
      this.#child.send({ id, name, args });
    });
    if (error !== undefined) throw new HofjeError(error.code ?? 'bench.resident', `${name}: ${error.message}`);
    return value as Awaited<ReturnType<F[N]>>;
  }

  /** Ends it; returns when it is gone. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.#ended;
    clearTimeout(timer);
  }
}
