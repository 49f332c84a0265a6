import { parseArgs } from 'node:util';
import { HofjeError } from '#model/error.ts';
import { loadConfig } from './config.ts';
import { startControl } from './control.ts';
import { makeLog } from './log.ts';

/** `node packages/control/main.ts --config FILE`: runs until SIGTERM or SIGINT. Exit code 78 for a wrong configuration. */

const EX_CONFIG = 78;
const STOP_PATIENCE_MS = 9_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new HofjeError('config.missing', 'Say which configuration: --config FILE.');
  const config = loadConfig(values.config);
  const log = makeLog(config.logLevel);
  const starting = startControl(config, log);
  let stopping = false;
  // From the first moment on: who answers can be told to end.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log.info({ event: 'stopping', signal });
      setTimeout(() => process.exit(1), STOP_PATIENCE_MS).unref();
      void starting
        .then((control) => control.stop())
        .then(
          () => process.exit(0),
          (err: unknown) => {
            log.error({ event: 'stop.failed', err });
            process.exit(1);
          },
        );
    });
  }
  await starting;
}

main().catch((error: unknown) => {
  const known = error instanceof HofjeError;
  process.stderr.write(
    `hofje control: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = known && error.code.startsWith('config.') ? EX_CONFIG : 1;
});
