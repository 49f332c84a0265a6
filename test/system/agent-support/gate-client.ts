import { connect, type Socket } from 'node:net';
import { encodeFrame, encodeStream, FrameDecoder } from '#contract/gate/frame.ts';
import { FRAME, type GateRequest, type WakeAnswer } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';

export interface EntryAnswer {
  readonly outcome: Outcome | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export interface EntryOptions {
  readonly stdin?: Buffer;
  /** Called with the connection once the request was sent. */
  readonly meanwhile?: (socket: Socket) => void;
}

/** What a gate says to the agent's socket, said by a test. */
export async function enterAsGate(
  path: string,
  request: GateRequest,
  options: EntryOptions = {},
): Promise<EntryAnswer> {
  const socket = await connected(path);
  socket.write(`${JSON.stringify(request)}\n`);
  options.meanwhile?.(socket);
  if (options.stdin !== undefined) socket.write(encodeStream(FRAME.stdin, options.stdin));
  socket.write(encodeFrame(FRAME.stdinEnd));
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const decoder = new FrameDecoder();
  let outcome: Outcome | undefined;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    for (const { type, payload } of decoder.push(chunk)) {
      if (type === FRAME.stdout) output.stdout.push(Buffer.from(payload));
      if (type === FRAME.stderr) output.stderr.push(Buffer.from(payload));
      if (type === FRAME.outcome) outcome = JSON.parse(payload.toString()) as Outcome;
    }
  }
  socket.destroy();
  return { outcome, stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) };
}

export async function wakeAsGate(path: string, site: string): Promise<WakeAnswer> {
  const socket = await connected(path);
  socket.write(`${JSON.stringify({ ask: 'wake', site })}\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return JSON.parse(text) as WakeAnswer;
}

/** Sends these bytes and gives back what comes until the other side closes. */
export async function rawExchange(path: string, bytes: Buffer): Promise<Buffer> {
  const socket = await connected(path);
  socket.write(bytes);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // Cut off, as it should be.
  }
  return Buffer.concat(chunks);
}

async function connected(path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}
