import type { AgentMessage } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';

interface Waiting {
  readonly node: NodeId;
  readonly settle: (answer: AgentMessage) => void;
}

/** Questions of this process that wait for the answer of a node. */
export class OpenQuestions {
  readonly #waiting = new Map<string, Waiting>();

  /**
   * Lets `send` put the question and waits for the answer of that node. Throws what `send` throws, `node.answer-late`, and
   * `node.refused` with the node's own words.
   */
  async ask(node: NodeId, id: string, timeoutMs: number, send: () => Promise<void>): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<AgentMessage | undefined>();
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    this.#waiting.set(id, { node, settle: resolve });
    try {
      await send();
      const answer = await promise;
      if (answer === undefined) throw new HofjeError('node.answer-late', 'The node did not answer in time.');
      if (!answer.ok) throw new HofjeError('node.refused', answer.message, { hint: answer.code });
      return answer.value;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Only the node that was asked may answer. */
  settle(node: NodeId, answer: AgentMessage): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting?.node === node) waiting.settle(answer);
  }
}
