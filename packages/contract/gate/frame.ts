import { FRAME, FRAME_PAYLOAD_MAX, type FrameType } from './messages.ts';

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

const HEADER_BYTES = 5;
const KNOWN = new Set<number>(Object.values(FRAME));

/** A frame as bytes. Payloads over FRAME_PAYLOAD_MAX must be split by the caller (`encodeStream`). */
export function encodeFrame(type: FrameType, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  if (payload.length > FRAME_PAYLOAD_MAX) throw new RangeError(`a frame holds ${FRAME_PAYLOAD_MAX} bytes at most`);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt32BE(payload.length, 1);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** A frame that says how many bytes of input were taken. */
export function encodeCredit(bytes: number): Buffer {
  return encodeFrame(FRAME.credit, creditPayload(bytes));
}

export function creditPayload(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return payload;
}

/** 0 when it is none. */
export function readCredit(payload: Buffer): number {
  return payload.length === 4 ? payload.readUInt32BE(0) : 0;
}

/** Any number of bytes of one stream as frames. */
export function encodeStream(type: FrameType, bytes: Uint8Array): Buffer {
  const frames: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += FRAME_PAYLOAD_MAX) {
    frames.push(encodeFrame(type, bytes.subarray(from, from + FRAME_PAYLOAD_MAX)));
  }
  return Buffer.concat(frames);
}

/** Cuts a byte stream into frames; throws on an unknown type or a payload over the limit, and then must not be used on. */
export class FrameDecoder {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): Frame[] {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: Frame[] = [];
    while (rest.length >= HEADER_BYTES) {
      const type = rest.readUInt8(0);
      const length = rest.readUInt32BE(1);
      if (!isFrameType(type)) throw new RangeError(`unknown frame type ${type}`);
      if (length > FRAME_PAYLOAD_MAX) throw new RangeError(`a frame of ${length} bytes is too long`);
      if (rest.length < HEADER_BYTES + length) break;
      frames.push({ type, payload: rest.subarray(HEADER_BYTES, HEADER_BYTES + length) });
      rest = rest.subarray(HEADER_BYTES + length);
    }
    this.#rest = rest;
    return frames;
  }
}

function isFrameType(type: number): type is FrameType {
  return KNOWN.has(type);
}
