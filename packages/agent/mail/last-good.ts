import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import type { MailWish } from '#model/node/desired.ts';
import { parseMailWish } from '../link/desired-text.ts';

const NONE: MailWish = { domains: [], mailboxes: [], forwarders: [] };

/**
 * What the look-up files were made of the last time, on disk: an entry that becomes unusable while the agent is away still
 * has its last good one. Holds password hashes: root's alone.
 */
export class LastGoodMail {
  readonly #path: string;
  #text: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Nothing is known where there is no file, or one that an agent of another version left. */
  async read(): Promise<MailWish> {
    this.#text ??= await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return parse(this.#text);
  }

  async write(wish: MailWish): Promise<void> {
    const text = JSON.stringify(wish);
    if (text === this.#text) return;
    await writeFileAtomically(this.#path, text);
    this.#text = text;
  }
}

function parse(text: string): MailWish {
  if (text === '') return NONE;
  try {
    return parseMailWish(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof HofjeError) return NONE;
    throw error;
  }
}
