import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** Output that is still to come is there at once; whoever else holds the pipe open has this long to say something. */
const SILENCE_MS = 50;

/**
 * Carries a program's output to its destination. Nothing is kept here: while the destination takes no more, the pipe
 * fills and the program waits. At first the output is held back, because until the program has been started it is
 * crun's, with paths of the machine in it.
 */
export class OutputRelay {
  readonly #source: Readable;
  readonly #destination: Writable;
  readonly #closed: Promise<void>;
  #state: 'held' | 'open' | 'discarding' = 'held';
  #bytes = 0;

  /** `onHeld` is called when the first output arrives while all is held. */
  constructor(source: Readable, destination: Writable, onHeld: () => void) {
    this.#source = source;
    this.#destination = destination;
    this.#closed = once(source, 'close').then(
      () => undefined,
      () => undefined,
    );
    // A terminal's last reader sees an error (EIO) instead of an end.
    source.on('error', () => source.destroy());
    source.once('readable', () => {
      if (this.#state === 'held') onHeld();
    });
    const giveUp = () => source.destroy();
    destination.once('error', giveUp);
    destination.once('close', giveUp);
    void this.#closed.then(() => {
      destination.off('error', giveUp);
      destination.off('close', giveUp);
    });
  }

  /** From now on the output is the program's. */
  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'open';
    if (!this.#destination.writable) this.#source.destroy();
    this.#source.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#destination.writable && this.#destination.write(chunk)) return;
      this.#source.pause();
      this.#destination.once('drain', () => this.#source.resume());
    });
    this.#source.resume();
  }

  /** What was held, and what follows, is thrown away. */
  discard(): void {
    this.#state = 'discarding';
    this.#source.destroy();
  }

  /**
   * Resolves when all output has been handed over; called when the program has ended. What finds no taker for
   * `patienceMs` is dropped.
   */
  async finish(patienceMs: number): Promise<void> {
    let seen = -1;
    let deadline = Date.now() + patienceMs;
    while (!this.#source.closed) {
      const before = this.#bytes;
      await Promise.race([this.#closed, new Promise((resolve) => setTimeout(resolve, SILENCE_MS))]);
      // After a long pause of this process timers come first: what has arrived meanwhile gets its turn.
      await new Promise((resolve) => setImmediate(resolve));
      const waits = this.#source.isPaused();
      if (this.#bytes !== seen) deadline = Date.now() + patienceMs;
      const silent = this.#bytes === before && !waits;
      if (silent || Date.now() > deadline) this.#source.destroy();
      seen = this.#bytes;
    }
  }
}

/**
 * A socket over one end of a pipe; it owns the descriptor. What a program does not take stays with its source: each piece
 * that waits in a socket costs some hundred bytes more, however small it is.
 */
export function pipeEnd(fd: number, direction: 'read' | 'write'): Socket {
  const options = { fd, readable: direction === 'read', writable: direction === 'write', writableHighWaterMark: 1 };
  return new Socket(options);
}

/** An input on its way to a program. */
export interface InputRelay {
  /** The program reads no more. */
  stop(): void;
}

/**
 * Carries input to a program. One that does not read, or ends early, is no error: the rest of the source is then read
 * and dropped, so that whoever sends it is not held up. A source that breaks off before its end is told by `onBroken`, and
 * the program is not made to believe that it has read all; `onComplete` is called when the pipe has all of it.
 */
export function relayInput(
  source: Readable,
  program: Socket,
  { onBroken, onComplete }: { readonly onBroken: () => void; readonly onComplete: () => void },
): InputRelay {
  let stopped = false;
  const dropRest = () => {
    stopped = true;
    source.unpipe(program);
    program.destroy();
    source.resume();
  };
  const breakOff = () => {
    if (!stopped && !source.readableEnded) onBroken();
  };
  program.on('error', dropRest);
  program.once('finish', onComplete);
  source.on('error', breakOff);
  source.on('close', breakOff);
  if (source.destroyed) breakOff();
  source.pipe(program);
  return { stop: dropRest };
}

/** Carries what is typed. The end of the source is not the end of a terminal. */
export function relayKeys(source: Readable, terminal: Socket): InputRelay {
  source.pipe(terminal, { end: false });
  return {
    stop: () => {
      source.unpipe(terminal);
      source.resume();
    },
  };
}
