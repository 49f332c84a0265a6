import { Readable } from 'node:stream';
import { EVENT_NAMES, type Hint } from '#contract/api/event.ts';
import type { SiteId } from '#model/id.ts';
import type { Seal } from '../secret/seal.ts';
import { type Audience, sees } from './audience.ts';
import type { PlacedHint } from './hint.ts';
import type { Listener } from './hub.ts';

/**
 * So much may wait for a reader that takes nothing; then it is dropped, and comes back to where it was. More than all that is
 * told one by one, or whoever comes back with much to hear would be dropped for ever.
 */
const WAITING_BYTES_MAX = 256 * 1024;
const RETRY_MS = { least: 500, spread: 1500 } as const;

/** What one reader of `GET /v1/events` gets: text of server-sent events. */
export class EventStream implements Listener {
  readonly body = new Readable({ read: () => undefined });
  readonly #frames: Frames;
  #audience: Audience;
  #position: number;
  #isEnded = false;

  constructor(frames: Frames, audience: Audience, position: number) {
    this.#frames = frames;
    this.#audience = audience;
    this.#position = position;
    // After a restart they come back one after the other.
    this.#write(`retry: ${RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread)}\n\n`);
  }

  get audience(): Audience {
    return this.#audience;
  }

  onHint(hint: PlacedHint, sites: readonly SiteId[]): void {
    if (hint.id <= this.#position) return;
    this.#position = hint.id;
    if (sees(this.#audience, hint, sites)) this.#write(this.#frames.hint(hint));
  }

  onReset(position: number): void {
    this.#position = position;
    this.#write(this.#frames.reset(position));
  }

  /** What the reader may see has changed: what he shows is of before. */
  see(audience: Audience): void {
    this.#audience = audience;
    this.#write(this.#frames.reset(this.#position));
  }

  /** Tells that the line is alive, and moves the reader's place, silently. */
  beat(): void {
    this.#write(this.#frames.place(this.#position));
  }

  /** The reader comes back by himself, to where he was. */
  onEnd(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.body.push(null);
  }

  #write(text: string): void {
    if (this.#isEnded || this.body.destroyed) return;
    if (this.body.readableLength + text.length > WAITING_BYTES_MAX) this.body.destroy();
    else this.body.push(text);
  }
}

/**
 * Hints and places as text. A place is sealed anew each time: its number would tell how much happens to others. The last
 * text is remembered, because all readers get the same one after the other.
 */
export class Frames {
  readonly #seal: Seal;
  #last: { readonly key: string; readonly text: string } = { key: '', text: '' };

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  hint(hint: PlacedHint): string {
    return this.#remember(`hint ${hint.id}`, () => {
      const { kind, object, account, site, version } = hint;
      const data: Hint = { kind, object, account, site, version };
      return `id: ${this.#sealed(hint.id)}\nevent: ${EVENT_NAMES.hint}\ndata: ${JSON.stringify(data)}\n\n`;
    });
  }

  reset(position: number): string {
    return `id: ${this.#sealed(position)}\nevent: ${EVENT_NAMES.reset}\ndata: {}\n\n`;
  }

  place(position: number): string {
    return `id: ${this.#sealed(position)}\n\n`;
  }

  /** The place that a reader says he was at; undefined for what is none of ours. */
  read(text: string): number | undefined {
    try {
      const opened = this.#seal.open(Buffer.from(text, 'base64url'));
      return PLACE.test(opened) ? Number(opened.slice(PREFIX.length)) : undefined;
    } catch {
      return undefined;
    }
  }

  #sealed(position: number): string {
    return this.#seal.seal(`${PREFIX}${position}`).toString('base64url');
  }

  #remember(key: string, make: () => string): string {
    if (this.#last.key !== key) this.#last = { key, text: make() };
    return this.#last.text;
  }
}

const PREFIX = 'hint ';
const PLACE = /^hint \d{1,15}$/;
