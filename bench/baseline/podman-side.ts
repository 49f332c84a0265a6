import { rmdir } from 'node:fs/promises';
import { HofjeError } from '#model/error.ts';
import { Skip } from '../benchmark.ts';
import { type Stage, WEBSITE, workFolder } from '../stage.ts';
import { Baseline } from './baseline.ts';

/** The image of a site in podman, in namespaces of its own. */
export class PodmanSide {
  readonly #baseline: Baseline;
  #runs = false;

  private constructor(baseline: Baseline) {
    this.#baseline = baseline;
  }

  /** Throws `Skip` where podman does not work. */
  static async begin(stage: Stage, phpChildren: number): Promise<PodmanSide> {
    const { site } = await stage.images();
    const { layout } = stage;
    const baseline = await Baseline.begin(workFolder(stage.folders), layout);
    try {
      await baseline.call('beginPodman', { layout, site, files: WEBSITE, path: '/index.php', phpChildren });
      const side = new PodmanSide(baseline);
      // Once, to see that it works.
      await side.runOnce();
      return side;
    } catch (error) {
      await baseline.call('endPodman').catch(() => undefined);
      await baseline.end();
      if (error instanceof HofjeError) throw new Skip(`podman does not work here: ${error.message}`);
      throw error;
    }
  }

  /** Milliseconds from nothing to the first answer; the container is removed afterwards. */
  async runOnce(): Promise<number> {
    await this.remove();
    const ms = await this.#baseline.call('startPodman');
    await this.#baseline.call('removePodman');
    return ms;
  }

  /** Milliseconds of `true` in a container that runs. */
  async exec(): Promise<number> {
    if (!this.#runs) await this.#baseline.call('startPodman');
    this.#runs = true;
    return await this.#baseline.call('execPodman');
  }

  async remove(): Promise<void> {
    if (this.#runs) await this.#baseline.call('removePodman');
    this.#runs = false;
  }

  async end(): Promise<void> {
    await this.#baseline.call('endPodman').catch(() => undefined);
    await this.#baseline.end();
    // Made as a place to mount over; not empty where podman is used otherwise.
    await rmdir('/var/lib/cni').catch(() => undefined);
  }
}
