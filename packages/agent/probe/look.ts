import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import type { Door } from '#model/door/door.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { opaqueName, type SiteId } from '#model/id.ts';
import { SITE_PORT } from '#model/node/address.ts';
import { webPage } from './programs.ts';
import type { Decoy, ProbeWorld } from './world.ts';

/** The doors that a probe can go through: those of `enter`, and the web server of a decoy. */
export type ProbeDoor = Door | 'web';

const LOOK_MS = 60_000;
const OUTPUT_MAX = 256 * 1024;

/** Runs argv in a site through a door of `enter` and returns what it printed. */
export async function lookThrough(
  world: ProbeWorld,
  site: SiteId,
  door: Door,
  argv: readonly string[],
  input = '',
): Promise<{ readonly output: string; readonly outcome: Outcome }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough().resume();
  const chunks: Buffer[] = [];
  let bytes = 0;
  stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= OUTPUT_MAX) chunks.push(chunk);
  });
  const streams = { stdin: Readable.from([input]), stdout, stderr };
  const outcome = await world.enter(site, door, { argv, env: {} }, streams, AbortSignal.timeout(LOOK_MS));
  return { output: Buffer.concat(chunks).toString('utf8'), outcome };
}

/**
 * Runs argv in a decoy as a visitor's request would: a page of ours, under a random name for the time of the look, is
 * fetched from its web server. Never done in a customer's site, whose folders are not ours to write.
 */
export async function lookThroughWeb(world: ProbeWorld, decoy: Decoy, argv: readonly string[]): Promise<string> {
  const page = `${opaqueName(randomBytes(20))}.php`;
  const path = `/home/site/public/${page}`;
  await world.wake(decoy.id);
  await mustExit0(lookThrough(world, decoy.id, 'upload', ['tee', '--', path], webPage(argv)));
  try {
    const answer = await fetch(`http://${decoy.address}:${SITE_PORT}/${page}`, {
      signal: AbortSignal.timeout(LOOK_MS),
    });
    return await answer.text();
  } finally {
    await mustExit0(lookThrough(world, decoy.id, 'upload', ['rm', '-f', '--', path]));
  }
}

async function mustExit0(look: ReturnType<typeof lookThrough>): Promise<void> {
  const { outcome } = await look;
  if (outcome.kind !== 'exited' || outcome.status !== 0)
    throw new Error(`the decoy's page: ${JSON.stringify(outcome)}`);
}
