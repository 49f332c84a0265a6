import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { HOST_ENVIRONMENT } from './run.ts';

/** One of the platform's own programs that runs until its input ends. */
export interface StartedProgram {
  readonly pid: number;
  readonly stdout: Readable;
  /** Ends its input and waits; a program that does not end by itself is killed. */
  readonly stop: () => Promise<void>;
}

const STOP_MS = 5000;

/** Starts a program on the host, in the namespaces of this process. No shell; the environment is HOST_ENVIRONMENT. */
export function start(argv: readonly [string, ...string[]]): StartedProgram {
  const [program, ...args] = argv;
  const child = spawn(program, args, { env: HOST_ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  return {
    pid: child.pid ?? 0,
    stdout: child.stdout,
    stop: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}
