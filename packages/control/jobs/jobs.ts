import { PgBoss } from 'pg-boss';
import type { Context } from '../context.ts';
import { clientConfig } from '../database/connect.ts';
import { probe } from './probe.ts';
import { prune } from './prune.ts';
import { purge } from './purge.ts';
import { renewHostCertificates } from './renew.ts';

/** What is done from time to time, by one replica each time. Minutes are odd, so that they do not meet others' full hours. */
const SCHEDULE = {
  purge: { cron: '17 * * * *', work: purge },
  prune: { cron: '43 * * * *', work: prune },
  probe: { cron: '3-59/10 * * * *', work: probe },
  renew: { cron: '7 3 * * *', work: renewHostCertificates },
} as const;

export type JobName = keyof typeof SCHEDULE;

/** Jobs are rare: a second connection and a slow poll are enough. */
const POLL_SECONDS = 30;
const CONNECTIONS = 2;
const STOP_MS = 5000;

export interface Jobs {
  stop(): Promise<void>;
}

export async function startJobs(context: Context): Promise<Jobs> {
  const { config, log } = context;
  const { types: _, ...connection } = clientConfig(config.database);
  const boss = new PgBoss({ ...(connection as ConstructorParameters<typeof PgBoss>[0] & object), max: CONNECTIONS });
  boss.on('error', (err) => log.warn({ event: 'jobs.error', err }));
  await boss.start();
  for (const [name, { cron, work }] of Object.entries(SCHEDULE)) {
    await boss.createQueue(name, {
      policy: 'singleton',
      retryLimit: 3,
      retryBackoff: true,
      deleteAfterSeconds: 86_400,
    });
    await boss.work(name, { pollingIntervalSeconds: POLL_SECONDS }, async () => {
      const done = await work(context);
      log.info({ event: 'job.done', job: name, ...done });
    });
    await boss.schedule(name, cron);
  }
  return { stop: async () => await boss.stop({ graceful: true, timeout: STOP_MS }) };
}
