import { expect, test } from 'vitest';
import { run } from '#host/run.ts';

/** In a network namespace of its own, which ends with it. */
async function alone(code: string): Promise<string> {
  const program = `
    import { run } from '#host/run.ts';
    import { clearOutside, withOutside } from '#agent/probe/outside.ts';
    const show = async () => (await run(['ip', '-o', 'address', 'show', 'dev', 'lo'])).stdout;
    await run(['ip', 'link', 'set', 'lo', 'up']);
    ${code}`;
  const node = [process.execPath, '--input-type=module-typescript', '--eval', program] as const;
  return (await run(['unshare', '--net', ...node], { cwd: process.cwd() })).stdout;
}

const ADDRESSES = /169\.254\.169\.254|192\.0\.2\.25/;

test('addresses of baits are there for the time of a run', async () => {
  expect(await alone('process.stdout.write(await withOutside(show));')).toMatch(ADDRESSES);
  expect(await alone('await withOutside(show); process.stdout.write(await show());')).not.toMatch(ADDRESSES);
});

test('those that a killed agent left are removed by the next one, also when there are none', async () => {
  const killed = `
    await new Promise((begun) => void withOutside(async () => { begun(); await new Promise(() => {}); }));
    const before = await show();
    await clearOutside();
    await clearOutside();
    process.stdout.write(JSON.stringify([before, await show()]));
    process.exit();`;
  const [before, after] = JSON.parse(await alone(killed)) as [string, string];
  expect(before).toMatch(ADDRESSES);
  expect(after).not.toMatch(ADDRESSES);
});
