import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EntryInput } from '../gateway/entry-input.ts';
import { pipeEnd, relayInput } from './relay.ts';
import { Starter } from './starter.ts';

let folder: string;
let starter: Starter;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-relay-'));
  starter = new Starter();
});

afterEach(() => {
  starter.close();
  rmSync(folder, { recursive: true });
});

const PIPE_BYTES = 65_536;

test('small pieces for a program that takes none wait with their source', async () => {
  const order = { argv: ['sleep', '600'], joins: [], log: join(folder, 'log') };
  const { started, ends } = await starter.withPipes(order, process.getuid?.() ?? 0);
  let taken = 0;
  const source = new EntryInput((bytes) => {
    taken += bytes;
  });
  const input = relayInput(source, pipeEnd(ends.stdin, 'write'), {
    onBroken: () => undefined,
    onComplete: () => undefined,
  });
  for (let piece = 0; piece < 160_000; piece += 1) {
    source.add(Buffer.from('x'));
    if (piece % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // The kernel's pipe holds so many, and a few are on the way.
  expect(taken).toBeLessThan(PIPE_BYTES + 1000);
  started.kill();
  await started.ended;
  input.stop();
  for (const end of [ends.stdout, ends.stderr]) closeSync(end);
});
