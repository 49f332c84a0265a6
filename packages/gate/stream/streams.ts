import { setMaxListeners } from 'node:events';
import { carryStream, type DialOrder, type StreamContext } from './stream.ts';

const STREAMS_MAX = 200;

/** The streams that are open. */
export class Streams {
  readonly #context: StreamContext;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(context: StreamContext) {
    this.#context = context;
    // Every stream listens to the one signal.
    setMaxListeners(STREAMS_MAX, this.#stopping.signal);
  }

  dial(order: DialOrder): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#running.size >= STREAMS_MAX) {
      this.#context.log.warn({ event: 'stream.too-many' });
      return;
    }
    const running = carryStream(this.#context, order, this.#stopping.signal)
      .catch((error: unknown) => this.#context.log.error({ event: 'stream.defect', err: error }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Ends every stream: an open terminal would never end by itself. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }
}
