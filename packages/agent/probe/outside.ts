import { once } from 'node:events';
import { createServer } from 'node:net';
import { run } from '#host/run.ts';

/** Addresses that baits get for the time of a run, on the node's loopback: the clouds' metadata, and a mail exchanger (RFC 5737). */
const METADATA = '169.254.169.254';
export const OUTSIDE = '192.0.2.25';
const SMTP_PORT = 25;

/** Makes addresses that are outside of every site answer inside the node's own network namespace, for the time of `work`. */
export async function withOutside<T>(work: () => Promise<T>): Promise<T> {
  const exchanger = createServer((socket) => socket.destroy());
  try {
    for (const address of [METADATA, OUTSIDE]) await onLoopback('replace', address);
    exchanger.listen(SMTP_PORT, OUTSIDE);
    await once(exchanger, 'listening');
    return await work();
  } finally {
    exchanger.close();
    await clearOutside();
  }
}

/** Removes those addresses; to be called when an agent begins, since one that was killed left them. */
export async function clearOutside(): Promise<void> {
  for (const address of [METADATA, OUTSIDE]) await onLoopback('del', address);
}

/** 2 is the kernel's word that there is no such address. */
async function onLoopback(change: 'replace' | 'del', address: string): Promise<void> {
  await run(['ip', 'address', change, `${address}/32`, 'dev', 'lo'], { accept: [0, 2] });
}
