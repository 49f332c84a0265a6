import type { Frame } from '#contract/gate/frame.ts';
import { FRAME, type FrameType } from '#contract/gate/messages.ts';

/** Frames that a client may send; the others are the agent's. */
export type ClientFrameType = typeof FRAME.stdin | typeof FRAME.stdinEnd | typeof FRAME.resize | typeof FRAME.cancel;
export type ClientFrame = Omit<Frame, 'type'> & { readonly type: ClientFrameType };

const CLIENT_TYPES = new Set<number>([FRAME.stdin, FRAME.stdinEnd, FRAME.resize, FRAME.cancel]);

/** A frame as one message of a WebSocket: its type in the first byte, the payload behind it. */
export function encodeMessage(type: FrameType, payload: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(1 + payload.length);
  message.writeUInt8(type, 0);
  message.set(payload, 1);
  return message;
}

/** Undefined when it is not something that a client may say. */
export function decodeClientMessage(message: Buffer): ClientFrame | undefined {
  const type = message[0];
  return isClientType(type) ? { type, payload: message.subarray(1) } : undefined;
}

function isClientType(type: number | undefined): type is ClientFrameType {
  return type !== undefined && CLIENT_TYPES.has(type);
}
