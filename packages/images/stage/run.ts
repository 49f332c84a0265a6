import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { StageEvent, StageResult, StageSpec } from './spec.ts';

const PROGRAM = new URL('./main.ts', import.meta.url).pathname;

/**
 * Makes one layer in a process with mount and process namespaces of its own. Nothing it mounts or starts outlives it, and it
 * does not outlive the caller.
 */
export async function runStage(spec: StageSpec, onStep: (step: string, seconds: number) => void): Promise<StageResult> {
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--propagation=private',
      '--uts',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      '--',
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      PROGRAM,
    ],
    { env: HOST_ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(spec)}\n`);
  const closed = once(child, 'close');
  let result: StageResult | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as StageEvent;
    if (event.type === 'step') onStep(event.step, event.seconds);
    else if (event.type === 'result') result = event.result;
    else throw new HofjeError(event.code, event.message, event.hint === undefined ? {} : { hint: event.hint });
  }
  await closed;
  if (result === undefined)
    throw new HofjeError('image.stage-died', 'the process that built a layer ended without a word');
  return result;
}
