import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ControlGroups } from '#agent/container/cgroup.ts';

test('what an agent left frozen when it was killed is ended all the same', async () => {
  const groups = await ControlGroups.find();
  const parent = `/hofje-test-${randomBytes(4).toString('hex')}`;
  const child = `${parent}/entry`;
  const program = spawn('sleep', ['300'], { stdio: 'ignore' });
  const ended = once(program, 'exit');
  try {
    groups.ensure(child);
    await groups.move(program.pid ?? 0, child);
    for (const { root } of groups.hierarchies) {
      const state = join(root, child, 'freezer.state');
      if (existsSync(state)) writeFileSync(state, 'FROZEN');
      const freeze = join(root, child, 'cgroup.freeze');
      if (existsSync(freeze)) writeFileSync(freeze, '1');
    }
    await groups.kill(parent);
    expect(groups.processes(parent)).toEqual([]);
    expect(await ended).toEqual([null, 'SIGKILL']);
  } finally {
    program.kill('SIGKILL');
    await groups.kill(parent);
    await groups.remove(parent);
  }
});
