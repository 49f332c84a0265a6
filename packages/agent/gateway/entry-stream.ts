import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { encodeCredit, encodeFrame, encodeStream, type Frame, FrameDecoder } from '#contract/gate/frame.ts';
import { FRAME, INPUT_WINDOW } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { EntryStreams, TerminalSize } from '../door/enter.ts';
import { EntryInput } from './entry-input.ts';

/** Credit is given in pieces of this size at least: a frame for each line that is typed would be one too many. */
const CREDIT_MIN = INPUT_WINDOW / 4;

/** One entry as frames on a connection of the gate: bytes of strangers pass, nothing of them is looked at. */
export class EntryStream {
  readonly streams: EntryStreams;
  readonly #socket: Socket;
  readonly #stdin = new EntryInput((bytes) => this.#credit(bytes));
  readonly #aborted = new AbortController();
  readonly #decoder = new FrameDecoder();
  #resize: (size: TerminalSize) => void = () => undefined;
  #isOver = false;
  /** Bytes of input that came and were not taken by the program. */
  #waiting = 0;
  /** Bytes that were taken and not told yet. */
  #taken = 0;

  constructor(socket: Socket, rest: Buffer) {
    this.#socket = socket;
    this.#stdin.on('error', () => undefined);
    this.streams = {
      stdin: this.#stdin,
      stdout: this.#output(FRAME.stdout),
      stderr: this.#output(FRAME.stderr),
      onResize: (listener) => {
        this.#resize = listener;
      },
    };
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    // The gate never closes its half before the outcome came; when it is gone, nobody wants the result.
    socket.once('end', () => this.#cancel());
    socket.once('close', () => this.#cancel());
    if (rest.length > 0) this.#take(rest);
    socket.resume();
  }

  /** Aborted when the gate gives up or goes away. */
  get signal(): AbortSignal {
    return this.#aborted.signal;
  }

  /** The last frame. */
  finish(outcome: Outcome): void {
    this.#isOver = true;
    if (this.#socket.writable) this.#socket.end(encodeFrame(FRAME.outcome, Buffer.from(JSON.stringify(outcome))));
    // Input that nobody will read must not keep the connection open.
    this.#socket.resume();
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return;
    let frames: readonly Frame[];
    try {
      frames = this.#decoder.push(bytes);
    } catch {
      this.#socket.destroy();
      this.#cancel();
      return;
    }
    for (const frame of frames) this.#handle(frame);
  }

  #handle({ type, payload }: Frame): void {
    switch (type) {
      case FRAME.stdin:
        this.#pass(payload);
        return;
      case FRAME.stdinEnd:
        this.#stdin.complete();
        return;
      case FRAME.resize:
        if (payload.length === 4) this.#resize({ columns: payload.readUInt16BE(0), rows: payload.readUInt16BE(2) });
        return;
      case FRAME.cancel:
        this.#cancel();
        return;
      case FRAME.stdout:
      case FRAME.stderr:
      case FRAME.outcome:
      case FRAME.credit:
        // Those go the other way.
        this.#socket.destroy();
        return;
    }
  }

  /** Whoever sends more than it may is read no further for a while. */
  #pass(input: Buffer): void {
    this.#waiting += input.length;
    if (!this.#stdin.add(input)) this.#waiting -= input.length;
    else if (this.#waiting > INPUT_WINDOW) this.#socket.pause();
  }

  #credit(bytes: number): void {
    this.#waiting -= bytes;
    this.#taken += bytes;
    if (this.#isOver || this.#taken < CREDIT_MIN) return;
    if (this.#socket.writable) this.#socket.write(encodeCredit(this.#taken));
    this.#taken = 0;
    if (this.#waiting <= INPUT_WINDOW) this.#socket.resume();
  }

  #output(type: typeof FRAME.stdout | typeof FRAME.stderr): Writable {
    return new Writable({
      highWaterMark: 0,
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#socket.writable) return done();
        // Done once the kernel has it: while the gate does not read, the program waits.
        this.#socket.write(encodeStream(type, chunk), () => done());
      },
    });
  }

  #cancel(): void {
    if (this.#isOver) return;
    this.#aborted.abort();
    this.#stdin.destroy();
  }
}
