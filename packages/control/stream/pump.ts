import { WebSocket } from 'ws';
import { FRAME, FRAME_PAYLOAD_MAX, type FrameType } from '#contract/gate/messages.ts';
import type { Side } from './pairs.ts';

/** More than this on its way to one side, and the other side is not read until it is less. */
const HIGH_BYTES = 1024 * 1024;
const LOW_BYTES = 256 * 1024;

/** What each side may say. */
const ALLOWED: Readonly<Record<Side, ReadonlySet<number>>> = {
  client: new Set<FrameType>([FRAME.stdin, FRAME.stdinEnd, FRAME.resize, FRAME.cancel]),
  node: new Set<FrameType>([FRAME.stdout, FRAME.stderr, FRAME.outcome, FRAME.credit]),
};

/**
 * Passes messages on as they are, in order, and reads no faster than they are taken. `side` is the one that speaks;
 * anything but a frame that it may send ends the stream by `onFault`.
 */
export function pump(from: WebSocket, to: WebSocket, side: Side, onFault: () => void): void {
  from.on('message', (data, isBinary) => {
    const isFrame = isBinary && Buffer.isBuffer(data) && data.length <= FRAME_PAYLOAD_MAX + 1;
    if (!isFrame || !ALLOWED[side].has(data[0] ?? -1)) return onFault();
    if (to.readyState !== WebSocket.OPEN) return undefined;
    to.send(data, { binary: true }, () => {
      if (from.isPaused && to.bufferedAmount < LOW_BYTES) from.resume();
    });
    if (to.bufferedAmount > HIGH_BYTES) from.pause();
    return undefined;
  });
}
