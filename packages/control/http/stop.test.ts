import { expect, test } from 'vitest';
import { createSite } from '#contract/api/site.ts';
import { startTestWorld } from '../testing/world.ts';

test('a request that is being answered at the end is answered whole', async () => {
  const world = await startTestWorld({ config: { waitSeconds: 2 } });
  try {
    // Nobody applies it: the answer comes when the patience ends.
    await world.link.close();
    const body = { domain: 'late.example', account: 'alice', overrideReason: 'made in a test' };
    const answer = world.control.call(createSite, { body, query: { wait: true } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = performance.now();
    const stopped = world.control.control.stop();
    expect(await answer).toMatchObject({ name: 'late.example', settled: { applied: false, code: 'node.unreachable' } });
    await stopped;
    expect(performance.now() - began).toBeLessThan(5000);
    await expect(world.control.send('GET', '/healthz')).rejects.toThrow('ECONNREFUSED');
  } finally {
    await world.stop();
  }
});
