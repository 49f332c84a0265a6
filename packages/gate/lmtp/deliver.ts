import { FRAME } from '#contract/gate/messages.ts';
import type { ForwarderId } from '#model/id.ts';
import { pipeVariables } from '#model/mail/variables.ts';
import { type EntryResult, openEntry } from '../agent/enter.ts';
import { readHead } from '../wire/head.ts';
import { type Body, ConnectionLost, type WireReader } from '../wire/reader.ts';
import { openEnvelope } from './envelope.ts';

/** What a delivery needs to know of the world. */
export interface DeliveryContext {
  readonly agentSocket: string;
  /** How long an agent that is being started again is waited for. */
  readonly agentPatienceMs: number;
  /** After this an entry is given up: above the door's time limit, below the mail server's own patience (300 s). */
  readonly entryMs: number;
}

/** What became of a message, with the size of what the program wrote (its text is the agent's to keep). */
export interface Delivery {
  readonly result: EntryResult;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}

/** Above the mail server's own limit of a header (`header_maxsize`, 1 MiB). */
const HEAD_BYTES_MAX = 1.25 * 1024 * 1024;

const FAULT: Delivery = { result: { kind: 'no-answer', reason: 'protocol-fault' }, stdoutBytes: 0, stderrBytes: 0 };

/**
 * Feeds the message that follows `DATA` to the program of a forwarder. The message is read to its end whatever the
 * program does with it. Throws ConnectionLost when the mail server went away (`lost` rejects with it, while nothing is
 * read); the program is then ended.
 */
export async function deliver(
  context: DeliveryContext,
  reader: WireReader,
  lost: Promise<never>,
  forwarder: ForwarderId,
): Promise<Delivery> {
  const body = reader.body('lf');
  const head = await readHead(body, HEAD_BYTES_MAX);
  const { envelope, fields } = openEnvelope(head?.fields ?? []);
  if (head === undefined || envelope === undefined) {
    await readOver(body);
    return FAULT;
  }
  const size = { [FRAME.stdout]: 0, [FRAME.stderr]: 0 };
  const entry = await openEntry(
    context.agentSocket,
    { ask: 'enter', door: 'mail-pipe', forwarder, env: { ...pipeVariables(envelope) } },
    context.agentPatienceMs,
    {
      sink: (type, bytes) => {
        size[type] += bytes.length;
      },
    },
  );
  const send: typeof entry.send = async (type, bytes) => await Promise.race([entry.send(type, bytes), lost]);
  const timer = setTimeout(() => entry.cancel('too-late'), context.entryMs);
  try {
    let takes = await send(FRAME.stdin, Buffer.concat([...fields.map((field) => field.bytes), head.rest]));
    for (let piece = await body.next(); piece !== undefined; piece = await body.next()) {
      if (takes) takes = await send(FRAME.stdin, piece);
    }
    if (takes) await send(FRAME.stdinEnd);
    const result = await Promise.race([entry.result, whenGone(reader), lost]);
    return { result, stdoutBytes: size[FRAME.stdout], stderrBytes: size[FRAME.stderr] };
  } finally {
    // Without effect on an entry that is over.
    entry.cancel('cancelled');
    clearTimeout(timer);
  }
}

async function readOver(body: Body): Promise<void> {
  while ((await body.next()) !== undefined);
}

/** Rejects when the mail server goes away, and never settles otherwise. */
async function whenGone(reader: WireReader): Promise<never> {
  if (await reader.isGone()) throw new ConnectionLost();
  return await new Promise(() => undefined);
}
