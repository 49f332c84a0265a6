import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import type { EdgeClient } from './edge-client.ts';
import type { EdgeEntry, EdgeSite, EdgeStats } from './protocol.ts';

interface Row {
  readonly entry: EdgeEntry;
  readonly suspended: boolean;
  readonly fingerprint: string;
}

/**
 * What the edge should know, and what it does know. The table lives here; edges come and go. During a flip there are two:
 * changes go to both, and the older one is not waited for.
 */
export class EdgeTable {
  readonly #rows = new Map<SiteId, Row>();
  readonly #pointers = new Map<SiteId, string>();
  /** Fingerprints that the serving edge has. */
  readonly #served = new Map<SiteId, string>();
  /** Sites that the edge could not use, with its words. */
  readonly #refused = new Map<SiteId, string>();
  #edge: EdgeClient | undefined;
  #former: EdgeClient | undefined;
  #generation = '';
  #isStale = true;
  /** What the edge is told goes one after the other: an older whole must not arrive after a newer part. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Takes a site into the table without telling anybody: for what is known before there is an edge. */
  set(site: SiteId, entry: EdgeEntry, suspended: boolean, fingerprint: string): void {
    this.#rows.set(site, { entry, suspended, fingerprint });
  }

  /** Throws `edge.unreachable` and `edge.refused`. */
  async serve(site: SiteId, entry: EdgeEntry, suspended: boolean, fingerprint: string): Promise<void> {
    this.set(site, entry, suspended, fingerprint);
    this.#served.delete(site);
    await this.#inTurn(async () => {
      try {
        await this.#present().putSite(this.#siteOf(site));
        this.#refused.delete(site);
        this.#served.set(site, fingerprint);
      } catch (error) {
        if (error instanceof HofjeError && error.code === 'edge.refused') this.#refused.set(site, error.message);
        throw error;
      }
    });
    this.#tellFormer((former) => former.putSite(this.#siteOf(site)));
  }

  async withdraw(site: SiteId): Promise<void> {
    this.#rows.delete(site);
    this.#pointers.delete(site);
    this.#refused.delete(site);
    await this.#inTurn(async () => {
      await this.#present().remove(site);
      this.#served.delete(site);
    });
    this.#tellFormer((former) => former.remove(site));
  }

  /**
   * Where the requests of a site go: `address:port`, or null when it sleeps. Never throws: an edge that cannot be told now
   * gets the whole table again, and a wrong pointer meets a closed port, which wakes the site.
   */
  async point(site: SiteId, upstream: string | null): Promise<void> {
    if (upstream === null) this.#pointers.delete(site);
    else this.#pointers.set(site, upstream);
    const row = this.#rows.get(site);
    if (row === undefined) return;
    const pointer = { upstream, suspended: row.suspended };
    this.#tellFormer((former) => former.point(site, pointer));
    await this.#inTurn(async () => {
      if (!this.#served.has(site)) return;
      await this.#edge?.point(site, pointer).catch(() => {
        this.#isStale = true;
      });
    });
  }

  /** Whether there is an edge that serves. */
  get hasEdge(): boolean {
    return this.#edge !== undefined;
  }

  servedFingerprint(site: SiteId): string | undefined {
    return this.#served.get(site);
  }

  refusals(): ReadonlyMap<SiteId, string> {
    return this.#refused;
  }

  /** Gives an edge the whole table; it need not be the serving one yet. */
  async fill(edge: EdgeClient): Promise<void> {
    await this.#inTurn(() => this.#fill(edge));
  }

  async #fill(edge: EdgeClient): Promise<void> {
    const { generation } = await edge.generation();
    const sites = [...this.#rows.keys()].map((site) => this.#siteOf(site));
    const refused = await this.#putAll(edge, generation, sites);
    if (edge !== this.#edge) return;
    this.#generation = generation;
    this.#isStale = false;
    this.#served.clear();
    this.#refused.clear();
    for (const [site, why] of refused) this.#refused.set(site, why);
    for (const [site, row] of this.#rows) if (!refused.has(site)) this.#served.set(site, row.fingerprint);
  }

  /** From now on this is the edge. The former one hears of changes while it drains. */
  async use(edge: EdgeClient): Promise<void> {
    if (edge !== this.#edge) {
      this.#former?.close();
      this.#former = this.#edge;
      this.#edge = edge;
      this.#isStale = true;
    }
    await this.fill(edge);
  }

  drop(edge: EdgeClient): void {
    if (this.#former === edge) this.#former = undefined;
    if (this.#edge === edge) {
      this.#edge = undefined;
      this.#served.clear();
    }
    edge.close();
  }

  /** Gives the table again when nginx has begun anew or missed a change. */
  async check(): Promise<void> {
    if (this.#edge === undefined) return;
    const { generation, filled } = await this.#edge.generation();
    if (this.#isStale || !filled || generation !== this.#generation) await this.fill(this.#edge);
  }

  async stats(since: number): Promise<EdgeStats | undefined> {
    return await this.#edge?.stats(since, (site) => this.#rows.has(site));
  }

  /** One site that it cannot use must not keep the others out. */
  async #putAll(edge: EdgeClient, generation: string, sites: readonly EdgeSite[]): Promise<Map<SiteId, string>> {
    const refused = new Map<SiteId, string>();
    try {
      await edge.putTable({ generation, sites });
      return refused;
    } catch (error) {
      if (!(error instanceof HofjeError) || error.code !== 'edge.refused') throw error;
    }
    await edge.putTable({ generation, sites: [] });
    for (const site of sites) {
      try {
        await edge.putSite(site);
      } catch (error) {
        if (!(error instanceof HofjeError) || error.code !== 'edge.refused') throw error;
        refused.set(site.id, error.message);
      }
    }
    return refused;
  }

  #siteOf(site: SiteId): EdgeSite {
    const row = this.#rows.get(site);
    if (row === undefined) throw new RangeError(`${site} is not in the table`);
    return { id: site, upstream: this.#pointers.get(site) ?? null, suspended: row.suspended, ...row.entry };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }

  #present(): EdgeClient {
    if (this.#edge !== undefined) return this.#edge;
    throw new HofjeError('edge.unreachable', 'There is no edge at the moment.');
  }

  #tellFormer(tell: (former: EdgeClient) => Promise<void>): void {
    if (this.#former !== undefined) tell(this.#former).catch(() => undefined);
  }
}
