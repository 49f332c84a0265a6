import { LATENCY_BOUNDS_MS, type MailOutcome, type SignalWindow } from '#contract/agent/messages.ts';
import type { Door } from '#model/door/door.ts';
import type { Outcome, OutcomeKind } from '#model/door/outcome.ts';
import type { SiteId } from '#model/id.ts';
import { replyToPipe } from '#model/mail/outcome.ts';
import type { EdgeSiteStats } from '../edge/protocol.ts';

export const WINDOW_MS = 60_000;
/** Of one site and window; a storm of different faults must not fill the memory. */
const FAULTS_MAX = 50;
const WAKES_MAX = 100;
/** Windows that wait for a control plane that is away: a day of one busy site. */
const WAITING_MAX = 20_000;

/** What was used, as a control group counts it: `cpuMs` and `oomKills` grow as long as the group exists. */
export interface UsageSample {
  readonly memoryBytes: number;
  readonly memoryPeakBytes: number;
  readonly cpuMs: number;
  readonly oomKills: number;
}

interface Open {
  from: number;
  requests: number;
  status5xx: number;
  latency: number[];
  memoryBytesPeak: number;
  cpuMilliseconds: number;
  wakes: number;
  wakeMilliseconds: number[];
  readonly entries: Map<string, { door: Door; outcome: OutcomeKind; count: number }>;
  readonly mail: Map<MailOutcome, number>;
  readonly faults: Map<string, number>;
}

/**
 * Gathers what happens to each site into windows of one minute. Counters of others (edge, kernel) grow until their owner
 * begins anew; differences are taken here. No clock: the time is an argument.
 */
export class SignalBook {
  readonly #open = new Map<SiteId, Open>();
  readonly #edge = new Map<SiteId, EdgeSiteStats>();
  readonly #usage = new Map<SiteId, UsageSample>();
  readonly #disk = new Map<SiteId, number>();
  #waiting: SignalWindow[] = [];
  #edgeGeneration = '';

  requests(now: number, generation: string, sites: Readonly<Record<string, EdgeSiteStats>>): void {
    if (generation !== this.#edgeGeneration) this.#edge.clear();
    this.#edgeGeneration = generation;
    for (const [id, stats] of Object.entries(sites)) {
      const site = id as SiteId;
      const before = this.#edge.get(site);
      this.#edge.set(site, stats);
      const grown = (count: number, former: number | undefined) => count - Math.min(count, former ?? 0);
      const requests = grown(stats.requests, before?.requests);
      if (requests === 0) continue;
      const window = this.#at(site, now);
      window.requests += requests;
      window.status5xx += grown(stats.status5xx, before?.status5xx);
      window.latency = window.latency.map((sum, at) => sum + grown(stats.latency[at] ?? 0, before?.latency[at]));
    }
  }

  usage(now: number, site: SiteId, sample: UsageSample): void {
    const before = this.#usage.get(site);
    this.#usage.set(site, sample);
    // Less than before: the group was made anew.
    const isSame = before !== undefined && sample.cpuMs >= before.cpuMs && sample.oomKills >= before.oomKills;
    const window = this.#at(site, now);
    window.cpuMilliseconds += sample.cpuMs - (isSame ? before.cpuMs : 0);
    // The kernel's own peak is of the group's whole life; only a new peak belongs to this window.
    const isNewPeak = !isSame || sample.memoryPeakBytes > before.memoryPeakBytes;
    const peak = isNewPeak ? Math.max(sample.memoryPeakBytes, sample.memoryBytes) : sample.memoryBytes;
    window.memoryBytesPeak = Math.max(window.memoryBytesPeak, peak);
    const killed = sample.oomKills - (isSame ? before.oomKills : 0);
    if (killed > 0) this.fault(now, site, 'out-of-memory', 'a process was ended because memory ran out', killed);
  }

  /** The group is gone; the next sample begins at zero. */
  usageEnded(site: SiteId): void {
    this.#usage.delete(site);
  }

  disk(site: SiteId, bytes: number): void {
    this.#disk.set(site, bytes);
  }

  woke(now: number, site: SiteId, milliseconds: number): void {
    const window = this.#at(site, now);
    window.wakes += 1;
    if (window.wakeMilliseconds.length < WAKES_MAX) window.wakeMilliseconds.push(Math.round(milliseconds));
  }

  entered(now: number, site: SiteId, door: Door, result: Outcome): void {
    const { entries, mail } = this.#at(site, now);
    const outcome = result.kind;
    const key = `${door} ${outcome}`;
    entries.set(key, { door, outcome, count: (entries.get(key)?.count ?? 0) + 1 });
    if (door !== 'mail-pipe') return;
    const told = mailOutcome(result);
    mail.set(told, (mail.get(told) ?? 0) + 1);
  }

  fault(now: number, site: SiteId, kind: string, message: string, count = 1): void {
    const { faults } = this.#at(site, now);
    const signature = faultSignature(kind, message);
    if (faults.has(signature) || faults.size < FAULTS_MAX) {
      faults.set(signature, (faults.get(signature) ?? 0) + count);
    }
  }

  forget(site: SiteId): void {
    for (const kept of [this.#open, this.#edge, this.#usage, this.#disk]) kept.delete(site);
    this.#waiting = this.#waiting.filter((window) => window.site !== site);
  }

  /** All windows that have ended and were not yet `taken`, oldest first. */
  ended(now: number): readonly SignalWindow[] {
    for (const [site, open] of this.#open) if (now >= open.from + WINDOW_MS) this.#close(site, open);
    return this.#waiting;
  }

  /** These have been handed over. */
  taken(windows: readonly SignalWindow[]): void {
    const done = new Set(windows);
    this.#waiting = this.#waiting.filter((window) => !done.has(window));
  }

  #at(site: SiteId, now: number): Open {
    const from = now - (now % WINDOW_MS);
    const open = this.#open.get(site);
    if (open?.from === from) return open;
    if (open !== undefined) this.#close(site, open);
    const fresh: Open = {
      from,
      requests: 0,
      status5xx: 0,
      latency: Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0),
      memoryBytesPeak: 0,
      cpuMilliseconds: 0,
      wakes: 0,
      wakeMilliseconds: [],
      entries: new Map(),
      mail: new Map(),
      faults: new Map(),
    };
    this.#open.set(site, fresh);
    return fresh;
  }

  #close(site: SiteId, open: Open): void {
    this.#open.delete(site);
    const { from, entries, mail, faults, wakeMilliseconds, ...counts } = open;
    this.#waiting.push({
      site,
      from,
      seconds: WINDOW_MS / 1000,
      ...counts,
      diskBytes: this.#disk.get(site) ?? 0,
      ...(wakeMilliseconds.length === 0 ? {} : { wakeMilliseconds }),
      ...(mail.size === 0 ? {} : { mail: [...mail].map(([outcome, count]) => ({ outcome, count })) }),
      entries: [...entries.values()],
      faults: [...faults].map(([signature, count]) => ({ signature, count })),
    });
    if (this.#waiting.length > WAITING_MAX) this.#waiting.splice(0, this.#waiting.length - WAITING_MAX);
  }
}

/** What the sender of a mail hears of the program's end. */
function mailOutcome(outcome: Outcome): MailOutcome {
  const { code } = replyToPipe(outcome);
  if (code < 300) return 'delivered';
  return code < 500 ? 'deferred' : 'refused';
}

const SIGNATURE_MAX = 200;

/** The same for the same kind of trouble: numbers, ids and addresses in the message do not count. Pure. */
export function faultSignature(kind: string, message: string): string {
  const text = message
    .replaceAll(/\b(?:[a-z]+_)?[0-9a-z]{20}\b/g, '<id>')
    .replaceAll(/\b0x[0-9a-f]+\b|\b[0-9a-f]{12,}\b/gi, '<hex>')
    .replaceAll(/\d+/g, '<n>')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${kind}: ${text}`.slice(0, SIGNATURE_MAX);
}
