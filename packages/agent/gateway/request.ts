import type { Socket } from 'node:net';
import { Compile } from 'typebox/compile';
import { GateRequest, REQUEST_LINE_MAX } from '#contract/gate/messages.ts';

const check = Compile(GateRequest);
/** The gate writes its request at once; who does not is none. */
const PATIENCE_MS = 10_000;
const LINE_FEED = 10;

export interface Opening {
  readonly request: GateRequest;
  /** What came after the line: the first frames. */
  readonly rest: Buffer;
}

/**
 * Reads the line with which every connection begins. Undefined when it is not one: too long, too late, no JSON, not of
 * the contract. The socket is paused afterwards.
 */
export function readRequest(socket: Socket): Promise<Opening | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (opening: Opening | undefined) => {
      clearTimeout(timer);
      socket.off('data', take);
      socket.off('end', giveUp);
      socket.off('close', giveUp);
      socket.pause();
      resolve(opening);
    };
    const giveUp = () => done(undefined);
    const take = (chunk: Buffer) => {
      const end = chunk.indexOf(LINE_FEED);
      length += end === -1 ? chunk.length : end;
      if (length > REQUEST_LINE_MAX) return giveUp();
      if (end === -1) {
        chunks.push(chunk);
        return;
      }
      const line = Buffer.concat([...chunks, chunk.subarray(0, end)]).toString('utf8');
      const request = parseRequest(line);
      done(request === undefined ? undefined : { request, rest: chunk.subarray(end + 1) });
    };
    const timer = setTimeout(giveUp, PATIENCE_MS);
    socket.on('data', take);
    socket.once('end', giveUp);
    socket.once('close', giveUp);
  });
}

/** Exported for its test. */
export function parseRequest(line: string): GateRequest | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return check.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
