import { connect } from 'node:net';
import { SITE_PORT } from '#model/node/address.ts';

/**
 * The ready probe of a site (see the image's apache.conf): PHP-FPM's own ping, asked for through Apache, so that both have
 * to work. It is answered to the node alone, and no file of the customer's is involved.
 *
 * Whoever listens inside may answer anything, and the agent is root: no parser of HTTP sees it, only this comparison.
 * Version 1.0 because the answer then ends with the connection and comes in one piece (RFC 9112, 6.3 and 7.1).
 */
const REQUEST = 'GET /.hofje/ready HTTP/1.0\r\nHost: localhost\r\nX-Hofje-Ready: 1\r\n\r\n';
const ANSWER_BEGINS = /^HTTP\/1\.[01] 200/;
const ANSWER_ENDS = '\r\n\r\nready';
const ANSWER_MAX = 4096;
/** A start takes some 60 ms: a look every few ms costs little and saves much. */
const FIRST_PAUSE_MS = 3;
const LAST_PAUSE_MS = 50;
const ATTEMPT_MS = 3000;
const LOOK_MS = 100;

/** Asks until PHP answers: true. False when it did not within the time, or when nothing lives any more. */
export async function becomesReady(
  address: string,
  withinMs: number,
  isAlive: () => boolean,
  port = SITE_PORT,
): Promise<boolean> {
  const until = performance.now() + withinMs;
  const dead = new AbortController();
  // Who accepted a connection may be gone without a word on it.
  const watch = setInterval(() => {
    try {
      if (isAlive()) return;
    } catch {
      // Nobody knows it any more.
    }
    dead.abort();
  }, LOOK_MS);
  try {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 1.05)) {
      const left = until - performance.now();
      if (left <= 0) return false;
      if (await answers(address, port, Math.ceil(Math.min(ATTEMPT_MS, left)), dead.signal)) return true;
      if (dead.signal.aborted || !isAlive()) return false;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  } finally {
    clearInterval(watch);
  }
}

/** One look. Never throws, and ends in time whatever comes. Exported for its test. */
export function answers(address: string, port: number, timeoutMs: number, gone?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: address, port });
    const giveUp = () => socket.destroy();
    const timer = setTimeout(giveUp, timeoutMs);
    gone?.addEventListener('abort', giveUp, { once: true });
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(REQUEST));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > ANSWER_MAX) socket.destroy();
    });
    // What came before an error is looked at all the same; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      gone?.removeEventListener('abort', giveUp);
      resolve(isReady(text));
    });
  });
}

function isReady(text: string): boolean {
  return text.length <= ANSWER_MAX && ANSWER_BEGINS.test(text) && text.trimEnd().endsWith(ANSWER_ENDS);
}
