import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificate } from '#test/support/certificate.ts';
import { type Edge, freePort, makeSite, startEdge, until } from './fixture.ts';
import { visit } from './visitor.ts';

const NAME = 'silent.example';
const MiB = 1024 * 1024;

let edge: Edge;

beforeAll(async () => {
  edge = await startEdge();
  const site = makeSite({ names: [NAME], port: await freePort(), certificate: await makeCertificate(NAME) });
  await edge.admin('PUT', '/sites', { sites: [site] });
});
afterAll(async () => {
  await edge?.service.stop();
});

it('a log that has grown makes way for a new one, into which the edge goes on writing', async () => {
  const log = edge.service.onDisk(join(edge.service.folders.log, 'edge', 'error.log'));
  const complain = async () => {
    expect((await visit({ host: NAME })).status).toBeGreaterThanOrEqual(500);
  };
  for (const letter of ['a', 'b']) {
    await appendFile(log, letter.repeat(8 * MiB));
    await until(async () => expect((await stat(log)).size).toBeLessThan(MiB));
    const { size, uid } = await stat(`${log}.1`);
    expect({ isLarge: size >= 8 * MiB, uid }).toEqual({ isLarge: true, uid: edge.service.uidBase + 33 });
    expect(await readFile(`${log}.1`, 'latin1')).toContain(letter.repeat(100));
    await complain();
    expect(await readFile(log, 'utf8')).toContain(NAME);
  }
}, 60_000);
