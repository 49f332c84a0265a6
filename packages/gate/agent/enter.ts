import type { Socket } from 'node:net';
import type { Static } from 'typebox';
import { encodeFrame, encodeStream, FrameDecoder } from '#contract/gate/frame.ts';
import { FRAME, type FrameType, type PipeRequest, type TicketRequest } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { NoAnswer } from '#model/mail/outcome.ts';
import { drainedOrClosed } from '../socket/drain.ts';
import { askAgent } from './connect.ts';
import { parseOutcome } from './outcome.ts';

export type EnterRequest = Static<typeof PipeRequest> | Static<typeof TicketRequest>;
export type EntryResult = Outcome | NoAnswer;

/** Gets what the program writes. The agent is read no further until it is done. */
export type OutputSink = (type: typeof FRAME.stdout | typeof FRAME.stderr, bytes: Buffer) => void | Promise<void>;

/** How long a cancelled entry may take to say its outcome. */
const CANCEL_MS = 5000;

/** An entry into a site, seen from the gate: a program that runs on the other side of the agent's socket. */
export interface Entry {
  /** Resolves when there is room for more; false when the entry is over and takes nothing any more. */
  send(type: typeof FRAME.stdin | typeof FRAME.stdinEnd | typeof FRAME.resize, bytes?: Buffer): Promise<boolean>;
  /** Asks the agent to end the program. The result follows, or after a while `no-answer` with this reason. */
  cancel(reason: 'cancelled' | 'too-late'): void;
  /** Never rejects. */
  readonly result: Promise<EntryResult>;
}

/** Asks the agent to enter. Everything that can go wrong is a result of the entry. */
export async function openEntry(
  agentSocket: string,
  request: EnterRequest,
  patienceMs: number,
  output: OutputSink,
): Promise<Entry> {
  const socket = await askAgent(agentSocket, request, patienceMs);
  if (socket === undefined) return refusedEntry({ kind: 'no-answer', reason: 'agent-unreachable' });
  let broken: NoAnswer['reason'] = 'protocol-fault';
  const result = readResult(socket, output).then((known): EntryResult => {
    socket.destroy();
    return known ?? { kind: 'no-answer', reason: broken };
  });
  return {
    send: (type, bytes) => send(socket, type, bytes),
    cancel: (reason) => {
      if (broken !== 'protocol-fault' || socket.destroyed) return;
      broken = reason;
      socket.end(encodeFrame(FRAME.cancel));
      const timer = setTimeout(() => socket.destroy(), CANCEL_MS);
      socket.once('close', () => clearTimeout(timer));
    },
    result,
  };
}

function refusedEntry(result: EntryResult): Entry {
  return { send: async () => false, cancel: () => undefined, result: Promise.resolve(result) };
}

async function send(socket: Socket, type: FrameType, bytes?: Buffer): Promise<boolean> {
  if (!socket.writable) return false;
  // A frame without a payload says something too.
  const frames = bytes === undefined || bytes.length === 0 ? encodeFrame(type) : encodeStream(type, bytes);
  if (!socket.write(frames)) await drainedOrClosed(socket);
  return socket.writable;
}

/** Reads frames up to the outcome; undefined when the agent broke off or said what the contract does not know. */
async function readResult(socket: Socket, output: OutputSink): Promise<Outcome | undefined> {
  const decoder = new FrameDecoder();
  try {
    for await (const chunk of socket) {
      for (const { type, payload } of decoder.push(chunk)) {
        if (type === FRAME.outcome) return parseOutcome(payload);
        if (type !== FRAME.stdout && type !== FRAME.stderr) return undefined;
        await output(type, payload);
      }
    }
  } catch {
    // A connection that breaks, a frame out of the contract, a sink that fails: no outcome was learned.
  }
  return undefined;
}
