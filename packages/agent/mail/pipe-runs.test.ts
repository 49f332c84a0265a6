import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { EntryStreams } from '../door/enter.ts';
import { PipeRuns } from './pipe-runs.ts';

const PIPE = 'fwd_00000000000000000001';
const OTHER = 'fwd_00000000000000000002';
const never = new AbortController().signal;

function clock(): () => number {
  let at = 1000;
  return () => (at += 5);
}

function collecting(): { stream: Writable; read: () => string } {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk);
      done();
    },
  });
  return { stream, read: () => Buffer.concat(pieces).toString() };
}

async function put(stream: Writable, chunk: string): Promise<void> {
  await new Promise<void>((resolve, reject) => stream.write(chunk, (error) => (error ? reject(error) : resolve())));
}

test('what a program writes passes as it is, and its beginning is kept with the outcome', async () => {
  const runs = new PipeRuns(clock());
  const [out, err] = [collecting(), collecting()];
  const outcome = await runs.watch(
    PIPE,
    { stdin: null, stdout: out.stream, stderr: err.stream },
    never,
    async ({ stdout, stderr }) => {
      await put(stdout, 'a');
      await put(stderr, 'b');
      await put(stdout, 'x'.repeat(5000));
      await put(stderr, 'late');
      return { kind: 'exited', status: 7 };
    },
  );
  expect(outcome).toEqual({ kind: 'exited', status: 7 });
  expect([out.read().length, err.read()]).toEqual([5001, 'blate']);
  expect(runs.list(PIPE)).toEqual([
    { at: 1005, milliseconds: 5, outcome, test: false, output: `ab${'x'.repeat(4094)}`, cut: true },
  ]);
  expect(runs.list(OTHER)).toEqual([]);
});

test('the last runs are kept, newest first', async () => {
  const runs = new PipeRuns(clock());
  for (let status = 0; status < 12; status += 1) {
    await runs.watch(PIPE, { stdin: null, stdout: new PassThrough(), stderr: new PassThrough() }, never, async () => ({
      kind: 'exited',
      status,
    }));
  }
  expect(runs.list(PIPE).map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: 10 }, (_, index) => ({ kind: 'exited', status: 11 - index })),
  );
});

test('a test feeds its message, and is told from mail', async () => {
  const runs = new PipeRuns(clock());
  const run = await runs.test(PIPE, 'Subject: é\n\nx\n', async ({ stdin, stdout }: EntryStreams) => {
    await put(stdout, stdin === null ? '' : await text(stdin));
    return { kind: 'exited', status: 0 };
  });
  expect(run).toMatchObject({ test: true, output: 'Subject: é\n\nx\n', cut: false, outcome: { status: 0 } });
  expect(runs.list(PIPE)).toEqual([run]);
});
