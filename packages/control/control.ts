import { randomBytes } from 'node:crypto';
import type { Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { HofjeError } from '#model/error.ts';
import { makeId } from '#model/id.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { openBus } from './database/bus.ts';
import { connectDatabase, type Db } from './database/connect.ts';
import { migrate } from './database/migrate.ts';
import { openHub } from './event/hub.ts';
import { type Address, type Listening, listenOn } from './http/listen.ts';
import { startJobs } from './jobs/jobs.ts';
import { Links } from './link/links.ts';
import { makeMetrics } from './metrics/metrics.ts';
import { openPki } from './pki/pki.ts';
import { keepRenewed, makeServerTls } from './pki/server-tls.ts';
import { seedPlans } from './plan/routes.ts';
import { makeSeal } from './secret/seal.ts';
import { makeServer } from './server.ts';
import { makePairs } from './stream/pairs.ts';

/** How long requests that are being answered may still take at the end. */
const STOP_PATIENCE_MS = 6000;

/** A control plane that runs in this process. */
export interface Control {
  readonly context: Context;
  readonly app: FastifyInstance;
  addresses(): Address[];
  /** Ends gracefully: no new requests, agents and streams are told to come back, running requests end, then the database. */
  stop(): Promise<void>;
}

/** Throws when it cannot start, and then leaves nothing open. */
export async function startControl(config: Config, log: Logger): Promise<Control> {
  const endings: Ending[] = [];
  try {
    return await start(config, log, endings);
  } catch (error) {
    await endAll(endings);
    throw error;
  }
}

/** Ends something that was begun. They are called in reverse. */
type Ending = () => Promise<unknown>;

async function endAll(endings: readonly Ending[]): Promise<void> {
  for (const end of endings.toReversed()) await end();
}

async function start(config: Config, log: Logger, endings: Ending[]): Promise<Control> {
  const db = connectDatabase(config.database, (err) => log.warn({ event: 'database.connection-lost', err }));
  endings.push(() => db.destroy());
  const applied = await migrate(db);
  if (applied > 0) log.info({ event: 'database.migrated', applied });
  await seedPlans(db);
  const installation = await ownInstallation(db, config.installation);
  const pki = await openPki(config.pkiFolder, new Date());
  const bus = await openBus(config.database, log);
  endings.push(() => bus.stop());
  const hub = await openHub({ db, bus, log });
  endings.push(async () => hub.stop());
  const replica = randomBytes(8).toString('hex');
  const context: Context = {
    config,
    installation,
    replica,
    db,
    bus,
    pki,
    seal: makeSeal(pki.sealKey),
    hub,
    links: new Links({ db, bus, replica, log }),
    pairs: makePairs({ random: randomBytes, log }),
    metrics: makeMetrics(db),
    log,
    now: () => new Date(),
    random: randomBytes,
  };
  if (config.jobs) {
    const jobs = await startJobs(context);
    endings.push(() => jobs.stop());
  }
  const app = await makeServer(context, await makeServerTls(pki, config, context.now()));
  endings.push(() => app.close());
  const listening = await listen(context, app, endings);
  let ended: Promise<void> | undefined;
  async function stop(): Promise<void> {
    ended ??= endAll(endings);
    await ended;
  }
  return { context, app, addresses: listening.addresses, stop };
}

async function listen(context: Context, app: FastifyInstance, endings: Ending[]): Promise<Listening> {
  const { config, pki, hub, links, pairs, log } = context;
  await app.ready();
  const server = app.server as unknown as HttpsServer;
  const stopRenewing = keepRenewed(server, pki, config, (err) => log.error({ event: 'tls.renewal-failed', err }));
  endings.push(async () => stopRenewing());
  const listening = await listenOn(server, config.listen, log);
  endings.push(async () => {
    const closed = listening.close(STOP_PATIENCE_MS);
    // Connections that would stay for ever are told to go; requests that are being answered are waited for.
    const told = links.stop();
    pairs.stop();
    hub.stop();
    await Promise.all([closed, told]);
  });
  return listening;
}

/** The database belongs to one installation for good. Throws `config.foreign-database`. */
async function ownInstallation(db: Db, configured: string | undefined): Promise<string> {
  const id = configured ?? makeId('installation', randomBytes(20));
  await db
    .insertInto('installation')
    .values({ id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db.selectFrom('installation').select('id').executeTakeFirstOrThrow();
  if (configured !== undefined && row.id !== configured) {
    throw new HofjeError('config.foreign-database', `The database belongs to the installation ${row.id}.`, {
      field: 'installation',
    });
  }
  return row.id;
}
