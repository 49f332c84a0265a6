import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

export interface ToolOptions {
  /** Everything that the tool prints is appended here. */
  readonly log: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15 * 60_000;
const TAIL_LINES = 12;

/** Runs a tool that talks a lot and takes long, without a shell. Throws `image.tool-failed` with the end of its log. */
export async function runTool(argv: readonly [string, ...string[]], options: ToolOptions): Promise<void> {
  const [program, ...args] = argv;
  const log = await open(options.log, 'a');
  try {
    await log.write(`\n$ ${argv.join(' ')}\n`);
    const ended = await new Promise<string>((resolve, reject) => {
      const child = spawn(program, args, {
        env: { ...HOST_ENVIRONMENT, ...options.environment },
        stdio: ['ignore', log.fd, log.fd],
        timeout: options.timeoutMs ?? TIMEOUT_MS,
        killSignal: 'SIGKILL',
      });
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(signal ?? String(code)));
    });
    if (ended === '0') return;
    throw new HofjeError('image.tool-failed', `${program} ended with ${ended}: ${await tailOf(options.log)}`, {
      hint: `The whole output is in ${options.log}.`,
    });
  } finally {
    await log.close();
  }
}

async function tailOf(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  return lines.slice(-TAIL_LINES).join('\n');
}
