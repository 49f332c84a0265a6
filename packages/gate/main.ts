import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { HofjeError } from '#model/error.ts';
import { readConfig } from './config.ts';
import { startGate } from './gate.ts';

/** How long running entries and messages may go on after a TERM. */
const STOP_MS = 20_000;

const log = pino({ base: null });

async function main(): Promise<void> {
  if (process.getuid?.() === 0)
    throw new HofjeError('gate.is-root', 'the gate runs as a uid of its own, never as root');
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new HofjeError('gate.config', 'name the configuration: --config FILE');
  const gate = await startGate(await readConfig(values.config), log);
  log.info({ event: 'gate.started' });
  const signal = await termination();
  log.info({ event: 'gate.stopping', signal });
  setTimeout(() => {
    log.warn({ event: 'gate.stop-took-too-long' });
    process.exit(0);
  }, STOP_MS).unref();
  await gate.stop();
  log.info({ event: 'gate.stopped' });
  process.exit(0);
}

function termination(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

main().catch((error: unknown) => {
  log.fatal({ event: 'gate.failed', err: error });
  process.exit(1);
});
