import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
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

test('connections on which nothing is answered do not hold up the end, and that agents are gone is on record', async () => {
  const world = await startTestWorld({ config: { jobs: true } });
  try {
    const { control, agent } = world;
    const { ca, url } = control;
    const port = Number(new URL(url).port);
    // As an agent between two reports: the connection is kept for the next one.
    const kept = new Agent({ ca, keepAlive: true });
    const [answer] = await once(get(`${url}/healthz`, { agent: kept }), 'response');
    answer.resume();
    await once(answer, 'end');
    const silent = connectTls({ port, host: '127.0.0.1', ca });
    const silentTcp = connect({ port, host: '127.0.0.1' });
    for (const socket of [silent, silentTcp]) socket.on('error', () => undefined);
    await Promise.all([once(silent, 'secureConnect'), once(silentTcp, 'connect')]);
    // As an agent that is stopped: it hears nothing and says nothing.
    const frozen = new WebSocket(`${url.replace('https', 'wss')}/agent/v1/link`, { ca, ...agent.certificate });
    await once(frozen, 'open');
    frozen.pause();
    const began = performance.now();
    await control.control.stop();
    // Seconds of patience are for requests that are being answered.
    expect(performance.now() - began).toBeLessThan(3000);
    expect(control.logged.filter((line) => line.includes('link.not-recorded'))).toEqual([]);
    frozen.terminate();
    for (const socket of [silent, silentTcp]) socket.destroy();
    kept.destroy();
    const next = await control.startReplica();
    const rows = await next.context.db.selectFrom('node').select('linked_to').execute();
    expect(rows).toEqual([{ linked_to: null }]);
  } finally {
    await world.stop();
  }
});
