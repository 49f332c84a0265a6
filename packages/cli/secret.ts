import type { ReadStream } from 'node:tty';
import { HofjeError } from '#model/error.ts';
import { EXIT, ExitWith } from './exit.ts';
import { readSecret } from './options.ts';

/** A secret from a person who types or pastes it, unseen; or the first line of standard input where nobody sits there. */
export async function askSecret(question: string): Promise<string> {
  return process.stdin.isTTY ? await typed(process.stdin, question) : await readSecret();
}

async function typed(terminal: ReadStream, question: string): Promise<string> {
  process.stderr.write(question);
  terminal.setRawMode(true);
  terminal.setEncoding('utf8');
  try {
    let line = '';
    for await (const chunk of terminal) {
      for (const sign of String(chunk)) {
        if (sign === '\r' || sign === '\n') return line.trim();
        // Control-C and Control-D, in raw mode just signs.
        if (sign === '\u0003' || sign === '\u0004') throw new ExitWith(EXIT.interrupted);
        line = sign === '\u007f' || sign === '\b' ? line.slice(0, -1) : line + sign;
      }
    }
    throw new HofjeError('usage.secret', 'nothing was typed');
  } finally {
    terminal.setRawMode(false);
    process.stderr.write('\n');
  }
}
