import { readFile, rm } from 'node:fs/promises';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import type { DesiredState, SiteWish } from '#model/node/desired.ts';
import { parseDesired } from '../link/desired-text.ts';
import { type Refusal, refusal } from './accept.ts';
import type { NodeFolders } from './folders.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';

/** What the node goes by: the desired state that was accepted last, and wishes that vanished from it without a reason. */
export interface Accepted {
  readonly desired: DesiredState;
  readonly carried: readonly SiteWish[];
}

/**
 * The accepted desired state, on disk before it is acted on. Both files hold private keys: readable by root alone.
 */
export class DesiredStore {
  readonly #folders: NodeFolders;
  readonly #store: LedgerStore;
  #accepted: Accepted | undefined;

  constructor(folders: NodeFolders, store: LedgerStore) {
    this.#folders = folders;
    this.#store = store;
  }

  get accepted(): Accepted | undefined {
    return this.#accepted;
  }

  /** The last known state; false when there is none. Throws `desired.malformed` when it cannot be read. */
  async load(): Promise<boolean> {
    const text = await readText(this.#folders.desired);
    if (text === undefined) return false;
    const carried = parseWishes(await readText(this.#folders.carried));
    this.#accepted = { desired: parseDesired(parseJson(text)), carried };
    return true;
  }

  /** Accepts a state, or says why not. Throws `desired.malformed`. */
  async offer(value: unknown): Promise<Refusal | undefined> {
    const desired = parseDesired(value);
    const previous = this.#accepted?.desired;
    const { ledger } = this.#store;
    const confirmedRevision = await this.#confirmedRevision();
    const refused = refusal({ desired, ledger, previous, confirmedRevision });
    if (refused !== undefined) return refused;
    const carried = carryOver(this.#accepted, desired, ledger);
    await writeFileAtomically(this.#folders.carried, JSON.stringify(carried));
    await writeFileAtomically(this.#folders.desired, JSON.stringify(desired));
    await this.#store.change((before) =>
      before.revision === desired.revision && before.node === desired.node
        ? before
        : { ...before, revision: desired.revision, node: desired.node },
    );
    this.#accepted = { desired, carried };
    if (confirmedRevision !== undefined) await rm(this.#folders.confirmedRevision, { force: true });
    return undefined;
  }

  async #confirmedRevision(): Promise<number | undefined> {
    const text = await readText(this.#folders.confirmedRevision);
    return text === undefined ? undefined : Number(text.trim());
  }
}

/**
 * Wishes of sites that live here, were wished before, and are now neither wished nor deleted: they go on as they were.
 * Pure.
 */
export function carryOver(before: Accepted | undefined, desired: DesiredState, ledger: Ledger): readonly SiteWish[] {
  const explained = new Set<string>([
    ...desired.sites.map((one) => one.id),
    ...desired.tombstones.map((one) => one.id),
  ]);
  const known = new Map<SiteId, SiteWish>();
  for (const wish of [...(before?.carried ?? []), ...(before?.desired.sites ?? [])]) known.set(wish.id, wish);
  return [...known.values()].filter((wish) => !explained.has(wish.id) && ledger.sites[wish.id] !== undefined);
}

async function readText(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HofjeError('desired.malformed', 'the desired state is not JSON', { cause });
  }
}

/** The agent's own file; should it be damaged, the sites it named are left alone all the same. */
function parseWishes(text: string | undefined): readonly SiteWish[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? (value as SiteWish[]) : [];
  } catch {
    return [];
  }
}
