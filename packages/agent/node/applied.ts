import type { SiteId } from '#model/id.ts';

/** Which revision of the desired state the node, and each of its sites, has been made to. */
export class Applied {
  readonly #sites = new Map<SiteId, number>();
  #revision = 0;

  /** The last one in which nothing was left to do. */
  get revision(): number {
    return this.#revision;
  }

  get sites(): ReadonlyMap<SiteId, number> {
    return this.#sites;
  }

  /** True when that is news. `done`: sites for which nothing is left to do; `all`: nothing is left anywhere. */
  note(revision: number, done: Iterable<SiteId>, all: boolean): boolean {
    let isNews = false;
    for (const site of done) {
      if (this.#sites.get(site) === revision) continue;
      this.#sites.set(site, revision);
      isNews = true;
    }
    if (!all || this.#revision === revision) return isNews;
    this.#revision = revision;
    return true;
  }
}
