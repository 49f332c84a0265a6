import { type Readable, Writable } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import { Credit } from '#contract/gate/credit.ts';
import { readCredit } from '#contract/gate/frame.ts';
import { FRAME, FRAME_PAYLOAD_MAX, type FrameType } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { HofjeError } from '#model/error.ts';
import type { Client } from './client.ts';

/** The near side of a program that runs inside a site. */
export interface Streams {
  /** Absent: the program's input is empty. */
  readonly stdin?: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** A program inside a site that is running. */
export interface RunningEntry {
  /** Its end. Rejects with `stream.broken` when the connection ends before that. */
  readonly outcome: Promise<Outcome>;
  resize(columns: number, rows: number): void;
  /** Asks for the end of the entry; the outcome follows. */
  cancel(): void;
}

const HANDSHAKE_MS = 30_000;

/**
 * Opens the stream that a ticket names. Each message is one frame: its type, one byte, and its payload. Neither side runs
 * ahead of the other: what cannot be written yet is not read.
 */
export function openStream(client: Client, url: string, streams: Streams): RunningEntry {
  const socket = new WebSocket(url, {
    ...(client.tls.ca !== undefined && { ca: client.tls.ca }),
    agent: client.tls.agent,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: FRAME_PAYLOAD_MAX + 1,
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before it was open')));
  });
  // Each user of it deals with its failure; without any it is told by `outcome`.
  opened.catch(() => undefined);
  const send = async (type: FrameType, payload: Uint8Array = Buffer.alloc(0)) => {
    await opened;
    await new Promise<void>((resolve, reject) => {
      socket.send(Buffer.concat([Buffer.of(type), payload]), (error) => (error ? reject(error) : resolve()));
    });
  };
  const casually = (type: FrameType, payload?: Uint8Array) => {
    send(type, payload).catch(() => undefined);
  };
  const credit = new Credit();
  const outcome = readOutcome(socket, streams, credit);
  socket.once('close', () => credit.end());
  const input = inputOf(send, credit);
  // The program may end without having read everything; whatever else broke is told by the socket.
  input.on('error', () => undefined);
  if (streams.stdin === undefined) input.end();
  else streams.stdin.on('error', () => socket.terminate()).pipe(input);
  return {
    outcome,
    resize: (columns, rows) => casually(FRAME.resize, sizePayload(columns, rows)),
    cancel: () => casually(FRAME.cancel),
  };
}

/** Two unsigned 16-bit numbers, big endian. Pure. */
function sizePayload(columns: number, rows: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(columns, 0);
  payload.writeUInt16BE(rows, 2);
  return payload;
}

/**
 * Takes the program's input, no faster than the program does, and says when it ends. (By piping, not by iterating: an iterator
 * waits for the stream's close, which a file as standard input never has.)
 */
function inputOf(send: (type: FrameType, payload?: Uint8Array) => Promise<void>, credit: Credit): Writable {
  const sendAll = async (bytes: Buffer) => {
    for (let from = 0; from < bytes.length; ) {
      const allowed = await credit.take(Math.min(bytes.length - from, FRAME_PAYLOAD_MAX));
      if (allowed === 0) throw new Error('the connection is over');
      await send(FRAME.stdin, bytes.subarray(from, from + allowed));
      from += allowed;
    }
  };
  return new Writable({
    highWaterMark: FRAME_PAYLOAD_MAX,
    write(chunk: Buffer, _encoding, done) {
      sendAll(chunk).then(() => done(), done);
    },
    final(done) {
      send(FRAME.stdinEnd).then(() => done(), done);
    },
  });
}

async function readOutcome(socket: WebSocket, streams: Streams, credit: Credit): Promise<Outcome> {
  return await new Promise((resolve, reject) => {
    let told: Outcome | undefined;
    socket.on('message', (data: RawData) => {
      if (!Buffer.isBuffer(data) || data.length === 0) return socket.terminate();
      const payload = data.subarray(1);
      switch (data[0]) {
        case FRAME.stdout:
          return pour(socket, streams.stdout, payload);
        case FRAME.stderr:
          return pour(socket, streams.stderr, payload);
        case FRAME.credit:
          return credit.grant(readCredit(payload));
        case FRAME.outcome:
          told = JSON.parse(payload.toString('utf8')) as Outcome;
          return socket.close(1000);
        default:
          return socket.terminate();
      }
    });
    socket.on('error', (error) => reject(broken(error.message, error)));
    socket.on('close', (code, reason) => {
      if (told !== undefined) resolve(told);
      else reject(broken(reason.toString('utf8') || `the connection closed with ${code}`));
    });
  });
}

/** Writes, and reads no further until what was written is taken. */
function pour(socket: WebSocket, target: Writable, bytes: Buffer): void {
  if (target.destroyed || target.write(bytes)) return;
  socket.pause();
  const go = () => {
    target.off('drain', go).off('close', go).off('error', go);
    socket.resume();
  };
  target.once('drain', go).once('close', go).once('error', go);
}

function broken(why: string, cause?: unknown): HofjeError {
  return new HofjeError('stream.broken', `the connection to the site broke off: ${why}`, {
    hint: 'What was running in the site is ended with it.',
    cause,
  });
}
