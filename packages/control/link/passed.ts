import type { NodeId } from '#model/id.ts';

/** Nobody waits longer for an answer: the longest question runs probes. */
const VALID_MS = 15 * 60_000;
/** Of one node, at a time. Of more, the oldest are given up: who asked hears that the answer is late. */
const PER_NODE_MAX = 1000;

interface Passed {
  readonly asker: string;
  readonly until: number;
}

/**
 * Questions of other replicas that were passed on to nodes here: which replica gets the answer. Each is answered once, by
 * the node that was asked, in time.
 */
export class PassedQuestions {
  readonly #byNode = new Map<NodeId, Map<string, Passed>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(node: NodeId, id: string, asker: string): void {
    const open = this.#byNode.get(node) ?? new Map<string, Passed>();
    this.#byNode.set(node, open);
    // The oldest stand first.
    for (const [known, { until }] of open) {
      if (until > this.#now() && open.size < PER_NODE_MAX) break;
      open.delete(known);
    }
    open.set(id, { asker, until: this.#now() + VALID_MS });
  }

  /** Who asked that of this node; undefined where nobody did, or not any more. */
  take(node: NodeId, id: string): string | undefined {
    const open = this.#byNode.get(node);
    const passed = open?.get(id);
    open?.delete(id);
    return passed !== undefined && passed.until > this.#now() ? passed.asker : undefined;
  }

  /** The node's connection is gone, and its answers with it. */
  forget(node: NodeId): void {
    this.#byNode.delete(node);
  }

  get size(): number {
    return [...this.#byNode.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
