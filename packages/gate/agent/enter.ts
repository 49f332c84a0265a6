import type { Socket } from 'node:net';
import type { Static } from 'typebox';
import { Credit } from '#contract/gate/credit.ts';
import { encodeFrame, encodeStream, FrameDecoder, readCredit } from '#contract/gate/frame.ts';
import {
  FRAME,
  FRAME_PAYLOAD_MAX,
  type FrameType,
  type PipeRequest,
  type TicketRequest,
} from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { NoAnswer } from '#model/mail/outcome.ts';
import { drainedOrClosed } from '../socket/drain.ts';
import { askAgent } from './connect.ts';
import { parseOutcome } from './outcome.ts';

export type EnterRequest = Static<typeof PipeRequest> | Static<typeof TicketRequest>;
export type EntryResult = Outcome | NoAnswer;

/** Gets what the program writes. The agent is read no further until it is done. */
export type OutputSink = (type: typeof FRAME.stdout | typeof FRAME.stderr, bytes: Buffer) => void | Promise<void>;

export interface Output {
  readonly sink: OutputSink;
  /** So many bytes of input were taken. */
  readonly onCredit?: (bytes: number) => void;
}

/** How long a cancelled entry may take to say its outcome. */
const CANCEL_MS = 5000;

/** An entry into a site, seen from the gate: a program that runs on the other side of the agent's socket. */
export interface Entry {
  /**
   * Resolves when all was sent, which the program's taking of input decides (see INPUT_WINDOW); false when the entry is over
   * and takes nothing any more. To be called again only then.
   */
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
  output: Output,
): Promise<Entry> {
  const socket = await askAgent(agentSocket, request, patienceMs);
  if (socket === undefined) return refusedEntry({ kind: 'no-answer', reason: 'agent-unreachable' });
  let broken: NoAnswer['reason'] = 'protocol-fault';
  const credit = new Credit();
  const onCredit = (bytes: number) => {
    credit.grant(bytes);
    output.onCredit?.(bytes);
  };
  const result = readResult(socket, { ...output, onCredit }).then((known): EntryResult => {
    socket.destroy();
    credit.end();
    return known ?? { kind: 'no-answer', reason: broken };
  });
  return {
    send: async (type, bytes) =>
      type === FRAME.stdin && bytes !== undefined
        ? await sendInput(socket, credit, bytes)
        : await send(socket, type, bytes),
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

async function sendInput(socket: Socket, credit: Credit, bytes: Buffer): Promise<boolean> {
  for (let from = 0; from < bytes.length; ) {
    const allowed = await credit.take(Math.min(bytes.length - from, FRAME_PAYLOAD_MAX));
    if (allowed === 0 || !(await send(socket, FRAME.stdin, bytes.subarray(from, from + allowed)))) return false;
    from += allowed;
  }
  return socket.writable;
}

async function send(socket: Socket, type: FrameType, bytes?: Buffer): Promise<boolean> {
  if (!socket.writable) return false;
  // A frame without a payload says something too.
  const frames = bytes === undefined || bytes.length === 0 ? encodeFrame(type) : encodeStream(type, bytes);
  if (!socket.write(frames)) await drainedOrClosed(socket);
  return socket.writable;
}

/** Reads frames up to the outcome; undefined when the agent broke off or said what the contract does not know. */
async function readResult(socket: Socket, { sink, onCredit }: Required<Output>): Promise<Outcome | undefined> {
  const decoder = new FrameDecoder();
  try {
    for await (const chunk of socket) {
      for (const { type, payload } of decoder.push(chunk)) {
        if (type === FRAME.outcome) return parseOutcome(payload);
        if (type === FRAME.stdout || type === FRAME.stderr) await sink(type, payload);
        else if (type === FRAME.credit) onCredit(readCredit(payload));
        else return undefined;
      }
    }
  } catch {
    // A connection that breaks, a frame out of the contract, a sink that fails: no outcome was learned.
  }
  return undefined;
}
