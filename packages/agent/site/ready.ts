import { request } from 'node:http';
import { SITE_PORT } from '#model/node/address.ts';

/**
 * The ready probe of a site (see the image's apache.conf): PHP-FPM's own ping, asked for through Apache, so that both have
 * to work. It is answered to the node alone, and no file of the customer's is involved.
 */
const READY_PATH = '/.hofje/ready';
const READY_HEADERS = { host: 'localhost', 'x-hofje-ready': '1' } as const;
const READY_ANSWER = 'ready';
/** A start takes some 60 ms: a look every few ms costs little and saves much. */
const FIRST_PAUSE_MS = 3;
const LAST_PAUSE_MS = 50;
const ATTEMPT_MS = 3000;

/** Asks until PHP answers: true. False when it did not within the time, or when nothing lives any more. */
export async function becomesReady(address: string, withinMs: number, isAlive: () => boolean): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 1.05)) {
    const left = until - performance.now();
    if (left <= 0) return false;
    if (await answers(address, Math.ceil(Math.min(ATTEMPT_MS, left)))) return true;
    if (!isAlive()) return false;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function answers(address: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({
      host: address,
      port: SITE_PORT,
      path: READY_PATH,
      agent: false,
      headers: READY_HEADERS,
      signal: AbortSignal.timeout(timeoutMs),
    });
    sent.on('error', () => resolve(false));
    sent.on('response', (response) => {
      // The body comes from inside: a few bytes are looked at, no more.
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > READY_ANSWER.length) response.destroy();
      });
      response.on('error', () => resolve(false));
      response.on('close', () => resolve(response.statusCode === 200 && text.trim() === READY_ANSWER));
    });
    sent.end();
  });
}
