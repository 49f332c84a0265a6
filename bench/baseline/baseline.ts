import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Resident } from '../resident/resident.ts';
import type { BaselineFunctions } from './inside.ts';
import type { WebOrder } from './web.ts';

const INSIDE = new URL('./inside.ts', import.meta.url).href;

/** Namespaces that end with this command, and everything in them with it. */
const NAMESPACES = [
  'unshare',
  '--mount',
  '--propagation=private',
  '--net',
  '--pid',
  '--fork',
  '--kill-child=SIGKILL',
  '--mount-proc',
  '--',
] as const;

/** The platform's software without the platform: plain processes, apart from the machine's own network and mounts. */
export class Baseline {
  readonly #resident: Resident<BaselineFunctions>;
  readonly #folder: string;
  #web: Promise<void> | undefined;

  private constructor(resident: Resident<BaselineFunctions>, folder: string) {
    this.#resident = resident;
    this.#folder = folder;
  }

  /** `place`: a folder on the machine's own disk. */
  static async begin(place: string, layout: string): Promise<Baseline> {
    // In lower case throughout: podman makes an image's name of it.
    const folder = join(place, randomBytes(6).toString('hex'));
    await mkdir(folder, { recursive: true, mode: 0o711 });
    try {
      const resident = await Resident.start<BaselineFunctions>(NAMESPACES, INSIDE);
      const baseline = new Baseline(resident, folder);
      await resident.call('lay', { folder, layout }).catch(async (error: unknown) => {
        await resident.end();
        throw error;
      });
      return baseline;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get call(): Resident<BaselineFunctions>['call'] {
    return this.#resident.call.bind(this.#resident);
  }

  /** Starts the web servers; does nothing when they run. */
  async startWeb(order: WebOrder): Promise<void> {
    this.#web ??= this.call('startWeb', order);
    await this.#web;
  }

  async end(): Promise<void> {
    await this.#resident.end();
    // What was mounted below it is gone with the namespaces.
    await rm(this.#folder, { recursive: true, force: true });
  }
}
