/**
 * What open pages cost the control plane: `node --expose-gc test/measure/pages-main.ts [PAGES]` prints memory and processor of a control
 * plane (a process of its own) without pages, with them, and while things change that all of them see, and how long a
 * change takes to reach them. Figures for people; no test, because a busy machine has others.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { changeAccount } from '#contract/api/account.ts';
import { listen, type TestListener } from '#control/testing/listener.ts';
import { makeMember, makeTestToken } from '#control/testing/people.ts';
import { makePerson } from '#control/testing/visitor.ts';
import { startTestWorld } from '#control/testing/world.ts';

const PAGES_PER_PERSON = 20;
const QUIET_SECONDS = 45;
const CHANGES = 40;
const CHANGE_EVERY_MS = 500;

interface Place {
  readonly url: string;
  readonly ca: string;
  readonly shows: readonly Readonly<Record<string, string>>[];
}
interface Figures {
  readonly residentMiB: number;
  readonly heapMiB: number;
  readonly processorSeconds: number;
}
type Question = 'figures' | 'change' | 'stop';

if (process.send === undefined) await measure(Number(process.argv[2] ?? 500));
else await serve(Number(process.argv[2]));

/** The control plane, in a process of its own: answers the one who measures. */
async function serve(people: number): Promise<void> {
  const world = await startTestWorld({ logLevel: 'warn' });
  const { control } = world;
  const account = await control.control.context.db
    .selectFrom('account')
    .select('id')
    .where('name', '=', 'alice')
    .executeTakeFirstOrThrow();
  const shows: Readonly<Record<string, string>>[] = [];
  for (let n = 0; n < people; n += 1) {
    const person = await makePerson(control, { email: `p${n}@example.org` });
    await makeMember(control, person, account.id, 'owner');
    shows.push(await makeTestToken(control, person, ['read']));
  }
  let changes = 0;
  process.on('message', async (question: Question) => {
    switch (question) {
      case 'figures':
        process.send?.(figures());
        return;
      case 'change':
        changes += 1;
        await control.call(changeAccount, { params: { account: 'alice' }, body: { email: `c${changes}@example.net` } });
        process.send?.({});
        return;
      case 'stop':
        await world.stop();
        process.exit(0);
    }
  });
  process.send?.({ url: control.url, ca: control.ca, shows } satisfies Place);
}

function figures(): Figures {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { residentMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20, processorSeconds: (user + system) / 1e6 };
}

async function measure(pages: number): Promise<void> {
  const server = fork(import.meta.filename, [String(Math.ceil(pages / PAGES_PER_PERSON))], {
    execArgv: ['--expose-gc'],
  });
  const answer = async <T>() => (await once(server, 'message'))[0] as T;
  const ask = async <T>(question: Question): Promise<T> => {
    const answered = answer<T>();
    server.send(question);
    return await answered;
  };
  const { url, ca, shows } = await answer<Place>();
  const during = async (what: string, work: () => Promise<unknown>) => {
    const [before, began] = [await ask<Figures>('figures'), performance.now()];
    await work();
    const [after, seconds] = [await ask<Figures>('figures'), (performance.now() - began) / 1000];
    const processor = ((after.processorSeconds - before.processorSeconds) / seconds) * 100;
    say(
      what,
      `${after.residentMiB.toFixed(0)} MiB resident, ${after.heapMiB.toFixed(0)} MiB heap, ${processor.toFixed(1)} % of a processor`,
    );
  };
  await during('no page', async () => await delay(10_000));
  const open: TestListener[] = [];
  await during(`${pages} pages open`, async () => {
    for (let n = 0; n < pages; n += 1) open.push(await listen(url, ca, shows[n % shows.length] ?? {}));
  });
  await during('nothing happens', async () => await delay(QUIET_SECONDS * 1000));
  const reached: number[] = [];
  await during(`${1000 / CHANGE_EVERY_MS} changes a second`, async () => {
    for (let n = 1; n <= CHANGES; n += 1) {
      const began = performance.now();
      const heard = open.map(async (page) => {
        await page.until(() => page.hints.length >= n);
        reached.push(performance.now() - began);
      });
      await Promise.all([ask('change'), ...heard]);
      await delay(Math.max(0, CHANGE_EVERY_MS - (performance.now() - began)));
    }
  });
  reached.sort((a, b) => a - b);
  const share = (part: number) => `${reached[Math.floor((reached.length - 1) * part)]?.toFixed(0)} ms`;
  say(
    'a change reaches a page',
    `p50 ${share(0.5)}, p99 ${share(0.99)}, resets ${open.filter(({ resets }) => resets > 0).length}`,
  );
  const began = performance.now();
  server.send('stop' satisfies Question);
  await once(server, 'exit');
  say('the end', `${(performance.now() - began).toFixed(0)} ms`);
}

function say(what: string, text: string): void {
  process.stdout.write(`${what.padEnd(26)} ${text}\n`);
}
