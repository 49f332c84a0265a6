import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { execInSite, uploadToSite } from '#contract/api/stream.ts';
import { run } from '#host/run.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { Client } from '../api/client.ts';
import { openStream } from '../api/stream.ts';

export interface Ended {
  readonly outcome: Outcome;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Runs a program inside a site and gives back all that it said. */
export async function runInside(client: Client, site: string, argv: string[], input?: Buffer): Promise<Ended> {
  const ticket = await client.call(execInSite, { params: { site }, body: { argv } });
  return await collect(client, ticket.url, input);
}

/** Packs a folder of the machine and unpacks it in a site, inside its container. */
export async function uploadFolder(client: Client, site: string, folder: string): Promise<Outcome> {
  const place = await mkdtemp(join(tmpdir(), 'hofje-demo-'));
  try {
    const archive = join(place, 'website.tar.gz');
    await run(['tar', '--create', '--gzip', '--file', archive, '--owner=0', '--group=0', '--directory', folder, '.']);
    const ticket = await client.call(uploadToSite, { params: { site }, body: { format: 'tar.gz' } });
    const { outcome } = await collect(client, ticket.url, await readFile(archive));
    return outcome;
  } finally {
    await rm(place, { recursive: true });
  }
}

async function collect(client: Client, url: string, input: Buffer | undefined): Promise<Ended> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const said = Promise.all([buffer(stdout), buffer(stderr)]);
  const stdin = input === undefined ? {} : { stdin: Readable.from([input]) };
  const entry = openStream(client, url, { ...stdin, stdout, stderr });
  const outcome = await entry.outcome.finally(() => {
    stdout.end();
    stderr.end();
  });
  const [out, err] = await said;
  return { outcome, stdout: out, stderr: err };
}
