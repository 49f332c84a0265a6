import { randomBytes } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WakeAnswer } from '#contract/gate/messages.ts';
import { makeId } from '#model/id.ts';
import { askWake } from '../agent/wake.ts';
import { type StandInAgent, startStandInAgent } from '../testing/stand-in-agent.ts';
import { makeTemporaryFolder } from '../testing/temporary-folder.ts';
import { startWakeServer, type WakeServer } from './server.ts';
import { triage } from './verdict.ts';

const SITE = makeId('site', randomBytes(20));

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let agent: StandInAgent | undefined;
let server: WakeServer;
let asked: string[];
let answer: () => Promise<WakeAnswer>;

const wakeSocket = () => join(folder.path, 'edge', 'wake.sock');
const agentSocket = () => join(folder.path, 'agent.sock');
const startAgent = async () => {
  agent = await startStandInAgent(agentSocket(), {
    wake: (site) => {
      asked.push(site);
      return answer();
    },
  });
};

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  await mkdir(join(folder.path, 'edge'));
  asked = [];
  answer = async () => ({ awake: true });
  await startAgent();
  server = await startWakeServer(wakeSocket(), {
    wake: (site) => askWake(agentSocket(), site, 3000),
    waiting: { all: 250, each: 200 },
    log: pino({ level: 'silent' }),
  });
});

afterEach(async () => {
  await server.stop();
  await agent?.close();
  await folder.remove();
});

function ask(headers: Record<string, string>): Promise<{ status: number; redirect: unknown; retryAfter: unknown }> {
  return new Promise((resolve, reject) => {
    request({ socketPath: wakeSocket(), path: '/wake', method: 'POST', headers, agent: false }, (response) => {
      response.resume();
      resolve({
        status: response.statusCode ?? 0,
        redirect: response.headers['x-accel-redirect'],
        retryAfter: response.headers['retry-after'],
      });
    })
      .on('error', reject)
      .end();
  });
}

const FIRST = { 'X-Hofje-Site': SITE, 'X-Hofje-Connect-Time': '-', 'X-Hofje-Attempt': '1' };

describe('waking', () => {
  it('sends the request again once the site is awake', async () => {
    expect(await ask(FIRST)).toEqual({ status: 200, redirect: '@site', retryAfter: undefined });
    expect(asked).toEqual([SITE]);
  });

  it('asks once for 200 visitors', async () => {
    const awake = Promise.withResolvers<WakeAnswer>();
    answer = () => awake.promise;
    let refused = 0;
    const visitors = Array.from({ length: 210 }, async () => {
      const { status } = await ask(FIRST);
      if (status === 503) refused += 1;
      return status;
    });
    // So many do not get in, and only then all others wait.
    await expect.poll(() => refused).toBe(10);
    awake.resolve({ awake: true });
    const statuses = await Promise.all(visitors);
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
    expect(asked).toHaveLength(1);
  });

  it('lets only so many wait, and one site not for all of them', async () => {
    const awake = Promise.withResolvers<WakeAnswer>();
    answer = () => awake.promise;
    const refused: string[] = [];
    const visit = (site: string, count: number) =>
      Array.from({ length: count }, async () => {
        const { status, retryAfter } = await ask({ ...FIRST, 'X-Hofje-Site': site });
        if (status === 503 && retryAfter !== undefined) refused.push(site);
        return status;
      });
    const neighbour = makeId('site', randomBytes(20));
    const greedy = visit(SITE, 300);
    await expect.poll(() => refused.length).toBe(100);
    const others = visit(neighbour, 60);
    await expect.poll(() => refused.filter((site) => site === neighbour).length).toBe(10);
    awake.resolve({ awake: true });
    expect((await Promise.all(greedy)).filter((status) => status === 200)).toHaveLength(200);
    expect((await Promise.all(others)).filter((status) => status === 200)).toHaveLength(50);
  });

  it('says when to come again if the site cannot start', async () => {
    answer = async () => ({ awake: false, reason: 'no memory', retryAfterSeconds: 17 });
    expect(await ask(FIRST)).toEqual({ status: 503, redirect: undefined, retryAfter: '17' });
  });

  it('never sends a request again that a site has seen', async () => {
    for (const time of ['0.000', '0.001, -', '-, 0.000', '- : 0.000 : 0.002', 'nonsense'])
      expect(await ask({ ...FIRST, 'X-Hofje-Connect-Time': time })).toMatchObject({ status: 502, redirect: undefined });
    expect(asked).toEqual([]);
  });

  it('ends a loop', async () => {
    expect(await ask({ ...FIRST, 'X-Hofje-Attempt': '2' })).toMatchObject({ status: 503, redirect: undefined });
    expect(await ask({ ...FIRST, 'X-Hofje-Connect-Time': '- : 0.000 : -' })).toMatchObject({ status: 503 });
    expect(asked).toEqual([]);
  });

  it('wakes no site that is none', async () => {
    for (const site of ['', 'site_x', '../..', 'fwd_00000000000000000000'])
      expect(await ask({ ...FIRST, 'X-Hofje-Site': site })).toMatchObject({ status: 503 });
    expect(asked).toEqual([]);
  });

  it('outlives the agent: answers while it is away, waits while it comes back', async () => {
    await agent?.close();
    const visitor = ask(FIRST);
    await startAgent();
    expect(await visitor).toMatchObject({ status: 200 });
    answer = async () => {
      await agent?.close();
      answer = async () => ({ awake: true });
      await startAgent();
      return { awake: true };
    };
    expect(await ask(FIRST)).toMatchObject({ status: 200 });
    await agent?.close();
    expect(await ask(FIRST)).toMatchObject({ status: 503, retryAfter: '5' });
  });

  it('is for the group of its folder only, and replaces what a killed gate left behind', async () => {
    expect((await stat(wakeSocket())).mode & 0o777).toBe(0o660);
    const second = await startWakeServer(wakeSocket(), {
      wake: async () => ({ awake: false, reason: 'second', retryAfterSeconds: 2 }),
      waiting: { all: 1, each: 1 },
      log: pino({ level: 'silent' }),
    });
    expect(await ask(FIRST)).toMatchObject({ status: 503, retryAfter: '2' });
    await second.stop();
  });
});

describe('triage', () => {
  it('asks only where nginx proves that no connection was made', () => {
    const part = fc.constantFrom('-', '0.000', '0.120', '', 'x');
    fc.assert(
      fc.property(
        fc.array(
          fc.array(part, { minLength: 1 }).map((servers) => servers.join(', ')),
          { minLength: 1 },
        ),
        (tries) => {
          const step = triage(tries.join(' : '), '1');
          if (step === 'ask') expect(tries).toHaveLength(1);
          if (/[0-9x]/.test(tries.at(-1) ?? '')) expect(step).toBe('broken');
        },
      ),
    );
  });
});
