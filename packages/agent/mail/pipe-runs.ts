import { PassThrough, Readable, Writable } from 'node:stream';
import type { PipeRun } from '#contract/agent/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { ForwarderId } from '#model/id.ts';
import type { EntryStreams } from '../door/enter.ts';

/** Of what a program writes, so much is kept: its beginning, which says most. */
const OUTPUT_BYTES = 4096;
const PER_PIPE_MAX = 10;
/** Pipes of which runs are kept; those that ran longest ago are forgotten first. At most 80 MiB. */
const PIPES_MAX = 2000;
/** A person waits for a test; a program that needs longer is ended. */
export const TEST_SECONDS = 60;

/** Goes through the door with these streams. */
type Go = (streams: EntryStreams, signal: AbortSignal) => Promise<Outcome>;

/**
 * The last runs of each pipe with the beginning of what the program wrote, for its owner. In memory: an agent that is started
 * anew has none. What the program writes passes as it is; a copy is kept, and nothing of it is looked at.
 */
export class PipeRuns {
  readonly #runs = new Map<ForwarderId, readonly PipeRun[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Newest first. */
  list(pipe: ForwarderId): readonly PipeRun[] {
    return this.#runs.get(pipe) ?? [];
  }

  /** Lets a message through, and remembers what became of it. */
  async watch(pipe: ForwarderId, streams: EntryStreams, signal: AbortSignal, go: Go): Promise<Outcome> {
    return (await this.#watch(pipe, false, streams, signal, go)).outcome;
  }

  /** The same for a message that its owner tries, with an end to his patience. */
  async test(pipe: ForwarderId, message: string, go: Go): Promise<PipeRun> {
    const nowhere = () => new PassThrough().resume();
    const streams = { stdin: Readable.from([Buffer.from(message, 'utf8')]), stdout: nowhere(), stderr: nowhere() };
    const patience = AbortSignal.timeout(TEST_SECONDS * 1000);
    const timed: Go = async (given, signal) => {
      const outcome = await go(given, signal);
      return patience.aborted ? { kind: 'timed-out', seconds: TEST_SECONDS } : outcome;
    };
    return await this.#watch(pipe, true, streams, patience, timed);
  }

  async #watch(pipe: ForwarderId, test: boolean, streams: EntryStreams, signal: AbortSignal, go: Go): Promise<PipeRun> {
    const at = this.#now();
    const copy = new Beginning();
    const outcome = await go({ ...streams, stdout: copy.of(streams.stdout), stderr: copy.of(streams.stderr) }, signal);
    const run = { at, milliseconds: Math.max(0, this.#now() - at), outcome, test, ...copy.kept() };
    this.#keep(pipe, run);
    return run;
  }

  #keep(pipe: ForwarderId, run: PipeRun): void {
    const runs = [run, ...this.list(pipe)].slice(0, PER_PIPE_MAX);
    // Put in anew, so that the map is in the order of the last runs.
    this.#runs.delete(pipe);
    this.#runs.set(pipe, runs);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > PIPES_MAX && oldest !== undefined) this.#runs.delete(oldest);
  }
}

/** The beginning of what goes to several streams, in the order in which it comes. */
class Beginning {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  /** Passes on to a stream, no faster than it takes. */
  of(stream: Writable): Writable {
    return new Writable({
      highWaterMark: 0,
      write: (chunk: Buffer, _encoding, done) => {
        this.#take(chunk);
        stream.write(chunk, (error) => done(error));
      },
    });
  }

  kept(): Pick<PipeRun, 'output' | 'cut'> {
    return { output: Buffer.concat(this.#pieces).toString('utf8'), cut: this.#isCut };
  }

  #take(chunk: Buffer): void {
    const piece = chunk.subarray(0, OUTPUT_BYTES - this.#bytes);
    this.#isCut ||= piece.length < chunk.length;
    if (piece.length === 0) return;
    // A copy: the piece may be a window of a much larger buffer.
    this.#pieces.push(Buffer.from(piece));
    this.#bytes += piece.length;
  }
}
