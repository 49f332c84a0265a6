import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder } from './lock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hofje-lock-'));
  path = join(folder, 'agent.lock');
});
afterEach(async () => await rm(folder, { recursive: true }));

/** An agent that says when it could begin, takes the lock at a word, and keeps it until its input ends. */
function beginner() {
  const code = `
    import { takeLock } from '${join(import.meta.dirname, 'lock.ts')}';
    process.stdin.once('data', async () => {
      try { await takeLock('${path}'); process.stdout.write('took'); }
      catch (error) { process.stdout.write(error.code ?? String(error)); }
    });
    process.stdin.once('end', () => process.exit());
    process.stdout.write('ready');`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const word = async () => String((await once(child.stdout, 'data'))[0]);
  return { child, word, pid: child.pid ?? 0 };
}

test('of agents that begin at once and find the lock of a dead one, one gets it', async () => {
  for (let round = 0; round < 3; round += 1) {
    await writeFile(path, JSON.stringify({ pid: 1, startTime: 1 }));
    const agents = Array.from({ length: 4 }, beginner);
    await Promise.all(agents.map((one) => one.word()));
    const answers = agents.map((one) => one.word());
    for (const { child } of agents) child.stdin.write('go');
    const said = await Promise.all(answers);
    expect(said.toSorted()).toEqual(['node.agent-runs', 'node.agent-runs', 'node.agent-runs', 'took']);
    expect(await lockHolder(path)).toBe(agents[said.indexOf('took')]?.pid);
    const ends = agents.map((one) => once(one.child, 'exit'));
    for (const { child } of agents) child.stdin.end();
    await Promise.all(ends);
    expect(await lockHolder(path)).toBeUndefined();
  }
});
