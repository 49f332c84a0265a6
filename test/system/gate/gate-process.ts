import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { platformUid } from '#model/node/address.ts';
import { until } from '../mail/fixture.ts';

const MAIN = fileURLToPath(new URL('../../../packages/gate/main.ts', import.meta.url));
/** Of an installation that is not there. */
export const SLOT = 200;
export const GATE_UID = platformUid(SLOT, 'gate');

/** The gate as a process of its own uid, as the platform starts it. */
export class GateProcess {
  readonly child: ChildProcess;
  readonly events: Record<string, unknown>[] = [];
  readonly ended: Promise<number | null>;

  constructor(config: string, uid: number = GATE_UID) {
    this.child = spawn(process.execPath, [MAIN, '--config', config], {
      uid,
      gid: uid,
      cwd: '/',
      env: HOST_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.ended = once(this.child, 'exit').then(([code]) => code as number | null);
    if (this.child.stdout === null) throw new Error('no standard output');
    createInterface({ input: this.child.stdout }).on('line', (line) => this.events.push(JSON.parse(line)));
  }

  /** Resolves when the gate has logged it. */
  async has(event: string): Promise<void> {
    await until(async () => {
      if (!this.events.some((each) => each['event'] === event)) throw new Error(`the gate did not say ${event}`);
    });
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
