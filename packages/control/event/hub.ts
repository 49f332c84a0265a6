import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SiteId } from '#model/id.ts';
import type { Bus } from '../database/bus.ts';
import type { Db } from '../database/connect.ts';
import { sitesOfDomain } from '../domain/queries.ts';
import { type PlacedHint, placeHint } from './hint.ts';

/** Hears hints in order, without gaps. One that it knows already may come again. */
export interface Listener {
  /** `sites` are those that answer to a name of the hint's domain. */
  onHint(hint: PlacedHint, sites: readonly SiteId[]): void;
  /** Hints up to this place are lost to it. */
  onReset(position: number): void;
  /** This process ends. */
  onEnd(): void;
}

/**
 * Hands out hints of the whole installation to those who listen in this process. The table `event` is the truth, numbered in
 * the order of commits; NOTIFY brings each hint at once, and what it fails to bring is read from the table. So nobody misses
 * one, whatever process it came from and whichever a page comes back to.
 */
export interface Hub {
  /** The last hint that was handed out. */
  position(): number;
  /**
   * Lets a listener hear what comes after `from` (undefined: from now on). What the table no longer has, or what is too
   * much, is a reset. Resolves, when it hears everything new, with how to stop.
   */
  follow(from: number | undefined, listener: Listener): Promise<() => void>;
  /** Ends every listener. */
  stop(): void;
}

export interface HubParts {
  readonly db: Db;
  readonly bus: Bus;
  readonly log: Logger;
}

/** More than this is not told one by one: whoever was away for so long reads everything anew. */
const MISSED_MAX = 300;
const RETRY_MS = 1000;

export async function openHub({ db, bus, log }: HubParts): Promise<Hub> {
  const listeners = new Set<Listener>();
  let position = await headOf(db);
  /** What was announced, in order. */
  let queue: PlacedHint[] = [];
  /** Something may have been announced that is not in the queue: also between the line above and the first listening. */
  let isBehind = true;
  let isWorking = false;
  let isStopped = false;

  function announce(hint: PlacedHint | undefined): void {
    if (hint === undefined || queue.length >= MISSED_MAX) isBehind = true;
    else queue.push(hint);
    if (isWorking) return;
    isWorking = true;
    void work();
  }

  async function work(): Promise<void> {
    while (!isStopped) {
      if (queue.length === 0 && !isBehind) {
        isWorking = false;
        return;
      }
      try {
        await step();
      } catch (err) {
        isBehind = true;
        if (!isStopped) log.warn({ event: 'hints.behind', err });
        await delay(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async function step(): Promise<void> {
    const next = isBehind ? undefined : queue.shift();
    if (next === undefined || next.id > position + 1) await catchUp();
    else if (next.id === position + 1) await tell(next);
  }

  /** Reads what is not in the queue. What is announced meanwhile may be known twice, and is told once. */
  async function catchUp(): Promise<void> {
    isBehind = false;
    queue = [];
    const missed = await missedAfter(db, position);
    if (missed === undefined) {
      position = await headOf(db);
      for (const listener of listeners) listener.onReset(position);
      return;
    }
    for (const hint of missed) await tell(hint);
  }

  async function tell(hint: PlacedHint): Promise<void> {
    const sites = await sitesOf(db, hint);
    position = hint.id;
    for (const listener of listeners) listener.onHint(hint, sites);
  }

  async function follow(from: number | undefined, listener: Listener): Promise<() => void> {
    let reached = from ?? position;
    // Another process may be ahead of this one; a place that is ahead of the table is one of another database.
    if (reached > position && reached > (await headOf(db))) {
      reached = position;
      listener.onReset(position);
    }
    while (reached < position) {
      const missed = await missedAfter(db, reached);
      if (missed === undefined) {
        listener.onReset(position);
        break;
      }
      for (const hint of missed) {
        listener.onHint(hint, await sitesOf(db, hint));
        reached = hint.id;
      }
    }
    if (isStopped) listener.onEnd();
    // Nothing may come between the last look at `position` and this.
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  const stops = [
    bus.on('hofje_event', (text) => announce(JSON.parse(text) as PlacedHint)),
    bus.onGap(() => announce(undefined)),
  ];
  announce(undefined);

  return {
    position: () => position,
    follow,
    stop() {
      isStopped = true;
      for (const stop of stops) stop();
      for (const listener of listeners) listener.onEnd();
      listeners.clear();
    },
  };
}

async function headOf(db: Db): Promise<number> {
  return (await db.selectFrom('event_head').select('id').executeTakeFirstOrThrow()).id;
}

/** The hints after one, in order; undefined when some of them are gone, or they are too many. */
async function missedAfter(db: Db, position: number): Promise<PlacedHint[] | undefined> {
  const rows = await db
    .selectFrom('event')
    .selectAll()
    .where('id', '>', position)
    .orderBy('id')
    .limit(MISSED_MAX + 1)
    .execute();
  // None at all: there is nothing new, or it is pruned already.
  if (rows.length === 0) return (await headOf(db)) > position ? undefined : [];
  const isWhole = rows.length <= MISSED_MAX && rows.every((row, index) => row.id === position + 1 + index);
  return isWhole ? rows.map(placeHint) : undefined;
}

/** The sites whose collaborators hear of it, too: those that answer to names of its domain. */
async function sitesOf(db: Db, { domain }: PlacedHint): Promise<readonly SiteId[]> {
  return domain === null ? [] : await sitesOfDomain(db, domain);
}
