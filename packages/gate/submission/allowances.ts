import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { SubmissionSite } from '#contract/gate/messages.ts';
import { parseObject } from '../agent/json.ts';
import { type SendingHistory, secondsUntilRoom, withSent } from './allowance.ts';

/** A message's place in the hour of its site. Exactly one of the two is called. */
export interface Reservation {
  /** The message counts. */
  spend(): void;
  /** It does not: it was never sent. */
  release(): void;
}

const SAVE_AFTER_MS = 2000;

/**
 * What each site has sent, kept in a file so that a new gate knows it. A gate that is killed forgets two seconds at most.
 */
export class Allowances {
  readonly #file: string;
  readonly #log: Logger;
  readonly #histories: Map<string, SendingHistory>;
  readonly #reserved = new Map<string, number>();
  #saving: NodeJS.Timeout | undefined;

  private constructor(file: string, log: Logger, histories: Map<string, SendingHistory>) {
    this.#file = file;
    this.#log = log;
    this.#histories = histories;
  }

  static async open(file: string, log: Logger): Promise<Allowances> {
    const text = await readFile(file, 'utf8').catch(() => '{}');
    return new Allowances(file, log, parseHistories(text));
  }

  /** A place for one message, or the seconds until there may be one. */
  reserve(site: SubmissionSite, now: number): Reservation | number {
    const reserved = this.#reserved.get(site.id) ?? 0;
    const wait = secondsUntilRoom(this.#histories.get(site.id) ?? [], now, site.mailPerHour, reserved + 1);
    // What is only reserved may be released at any time.
    if (wait > 0) return reserved > 0 ? Math.min(wait, 60) : wait;
    this.#reserve(site.id, 1);
    let open = true;
    const close = () => {
      if (open) this.#reserve(site.id, -1);
      open = false;
    };
    return {
      spend: () => {
        if (open) this.#spend(site.id, now);
        close();
      },
      release: close,
    };
  }

  /** Writes what is not yet written. */
  async save(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    try {
      await writeFile(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#histories)), { mode: 0o600 });
      await rename(`${this.#file}.new`, this.#file);
    } catch (error) {
      this.#log.error({ event: 'allowances.not-saved', err: error });
    }
  }

  #spend(site: string, now: number): void {
    this.#histories.set(site, withSent(this.#histories.get(site) ?? [], now, 1));
    this.#saving ??= setTimeout(() => this.save(), SAVE_AFTER_MS).unref();
  }

  #reserve(site: string, change: 1 | -1): void {
    const reserved = (this.#reserved.get(site) ?? 0) + change;
    if (reserved === 0) this.#reserved.delete(site);
    else this.#reserved.set(site, reserved);
  }
}

/** A file that cannot be read back counts as empty: a limit is no reason to stop a site's mail. */
function parseHistories(text: string): Map<string, SendingHistory> {
  const histories = new Map<string, SendingHistory>();
  for (const [site, value] of Object.entries(parseObject(text) ?? {})) {
    if (Array.isArray(value) && value.every(isSent)) histories.set(site, value);
  }
  return histories;
}

function isSent(value: unknown): value is SendingHistory[number] {
  if (typeof value !== 'object' || value === null || !('minute' in value) || !('count' in value)) return false;
  return typeof value.minute === 'number' && typeof value.count === 'number';
}
