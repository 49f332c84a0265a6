import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { HofjeError } from '#model/error.ts';

const POLL_MS = 20;

/** Reads Exim's main log as it grows, and remembers when it saw each mail's end. */
export class MailLog {
  readonly #file: FileHandle;
  readonly #watcher: FSWatcher;
  readonly #completed = new Map<string, number>();
  #offset: number;
  #rest = '';
  #deferrals = 0;
  #reading: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, path: string, offset: number) {
    this.#file = file;
    this.#offset = offset;
    this.#watcher = watch(path, () => {
      this.#reading = this.#reading.then(async () => await this.#read());
    });
  }

  /** From the log's present end on. */
  static async follow(path: string): Promise<MailLog> {
    const file = await open(path, 'r');
    return new MailLog(file, path, (await file.stat()).size);
  }

  /**
   * Waits until all of these mails are done with, delivered or not; gives the time at which each was seen to be, in
   * milliseconds since 1970, in the order of `ids`. Throws `bench.mail` when they are not in time.
   */
  async completions(ids: readonly string[], patienceMs: number): Promise<readonly number[]> {
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await pause(POLL_MS)) {
      const times = ids.flatMap((id) => this.#completed.get(id) ?? []);
      if (times.length === ids.length) return times;
    }
    const open = ids.filter((id) => !this.#completed.has(id)).length;
    throw new HofjeError(
      'bench.mail',
      `${open} of ${ids.length} mails are not delivered; ${this.#deferrals} deferrals`,
    );
  }

  /** How often a delivery was put off since the beginning. */
  get deferrals(): number {
    return this.#deferrals;
  }

  async close(): Promise<void> {
    this.#watcher.close();
    await this.#reading;
    await this.#file.close();
  }

  async #read(): Promise<void> {
    const buffer = Buffer.alloc(64 * 1024);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#offset);
      if (bytesRead === 0) return;
      const now = performance.timeOrigin + performance.now();
      this.#offset += bytesRead;
      const lines = (this.#rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line, now);
    }
  }

  #take(line: string, now: number): void {
    const [, id = '', word] = /^\S+ \S+ (\S+) (\S+)/.exec(line) ?? [];
    if (word === 'Completed') this.#completed.set(id, now);
    else if (word === '==') this.#deferrals += 1;
  }
}
