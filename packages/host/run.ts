import { execFile } from 'node:child_process';
import { HofjeError } from '#model/error.ts';

export interface RunOptions {
  /** Written to standard input, which is then closed. */
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
  /** Exit codes that are no failure; default 0 only. */
  readonly accept?: readonly number[];
  readonly cwd?: string;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The whole environment of every program that the platform runs on the host. */
export const HOST_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
};

const TIMEOUT_MS = 60_000;
const OUTPUT_MAX = 64 * 1024 * 1024;

/**
 * Runs one of the platform's own tools on the host (never a customer's program: that is `enter`). No shell; the
 * environment is HOST_ENVIRONMENT. Throws `host.command-failed` unless the exit code is accepted.
 */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  const accept = options.accept ?? [0];
  return await new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        env: HOST_ENVIRONMENT,
        timeout: options.timeoutMs ?? TIMEOUT_MS,
        killSignal: 'SIGKILL',
        maxBuffer: OUTPUT_MAX,
        encoding: 'utf8',
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number' && accept.includes(code)) resolve({ code, stdout, stderr });
        else reject(commandFailed(argv, error, stderr));
      },
    );
    if (child.stdin !== null) {
      // A program that ends without reading its input is judged by its exit code alone.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input ?? '');
    }
  });
}

function commandFailed(argv: readonly string[], error: unknown, stderr: string): HofjeError {
  const why = stderr.trim().split('\n').at(-1) || (error instanceof Error ? error.message : 'no output');
  return new HofjeError('host.command-failed', `${argv.slice(0, 4).join(' ')}: ${why}`, { cause: error });
}
