import { Credit } from '#contract/gate/credit.ts';
import { FRAME, FRAME_PAYLOAD_MAX } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { HofjeError } from '#model/error.ts';

export interface Carrying {
  /** How the program inside the site ended, and what it said. Rejects with `stream.broken` when it was not told. */
  readonly ended: Promise<{ readonly outcome: Outcome; readonly words: string }>;
  stop(): void;
}

const WORDS_MAX = 4000;

/**
 * Carries a file to the program behind a ticket's address, as its input, no faster than the program takes it. `progress`
 * hears how many bytes have gone.
 */
export function carry(ticketUrl: string, file: Blob, progress: (bytes: number) => void): Carrying {
  const socket = new WebSocket(ownAddress(ticketUrl, location.href));
  socket.binaryType = 'arraybuffer';
  const credit = new Credit();
  let words = '';
  const ended = new Promise<Awaited<Carrying['ended']>>((resolve, reject) => {
    const fail = (cause?: unknown) => {
      credit.end();
      reject(new HofjeError('stream.broken', 'The connection to the site broke off.', { cause }));
    };
    socket.onopen = () => {
      sendFile(socket, file, credit, progress).catch(fail);
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const bytes = new Uint8Array(data);
      const payload = bytes.subarray(1);
      switch (bytes[0]) {
        case FRAME.credit:
          return credit.grant(new DataView(data).getUint32(1));
        case FRAME.stdout:
        case FRAME.stderr:
          words = (words + new TextDecoder().decode(payload)).slice(-WORDS_MAX);
          return;
        case FRAME.outcome:
          return resolve({ outcome: JSON.parse(new TextDecoder().decode(payload)) as Outcome, words });
        default:
          return fail();
      }
    };
    // Does nothing when the outcome was told before.
    socket.onclose = (event) => fail(event.reason);
    socket.onerror = () => fail();
  });
  return {
    ended,
    stop: () => socket.readyState === WebSocket.OPEN && socket.send(Uint8Array.of(FRAME.cancel)),
  };
}

/** The ticket at the address that the panel came from: the only one that its policy lets it speak to. Pure. */
export function ownAddress(ticketUrl: string, page: string): string {
  const url = new URL(page);
  url.protocol = 'wss:';
  url.pathname = new URL(ticketUrl).pathname;
  url.search = '';
  url.hash = '';
  return url.href;
}

async function sendFile(
  socket: WebSocket,
  file: Blob,
  credit: Credit,
  progress: (bytes: number) => void,
): Promise<void> {
  for (let from = 0; from < file.size; ) {
    const allowed = await credit.take(Math.min(file.size - from, FRAME_PAYLOAD_MAX));
    // The program has ended: it tells how by itself.
    if (allowed === 0 || socket.readyState !== WebSocket.OPEN) return;
    const part = await file.slice(from, from + allowed).arrayBuffer();
    const frame = new Uint8Array(part.byteLength + 1);
    frame[0] = FRAME.stdin;
    frame.set(new Uint8Array(part), 1);
    socket.send(frame);
    from += allowed;
    progress(from);
  }
  socket.send(Uint8Array.of(FRAME.stdinEnd));
}
