import { randomBytes } from 'node:crypto';
import type { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { HofjeError } from '#model/error.ts';
import { makeId } from '#model/id.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { openBus } from './database/bus.ts';
import { connectDatabase, type Db } from './database/connect.ts';
import { migrate } from './database/migrate.ts';
import { type Address, type Listening, listenOn } from './http/listen.ts';
import { startJobs } from './jobs/jobs.ts';
import { makeLinks } from './link/links.ts';
import { makeMetrics } from './metrics/metrics.ts';
import { openPki } from './pki/pki.ts';
import { keepRenewed, makeServerTls } from './pki/server-tls.ts';
import { seedPlans } from './plan/routes.ts';
import { makeSeal } from './secret/seal.ts';
import { makeServer } from './server.ts';
import { makePairs } from './stream/pairs.ts';

/** A control plane that runs in this process. */
export interface Control {
  readonly context: Context;
  readonly app: FastifyInstance;
  addresses(): Address[];
  /** Ends gracefully: no new requests, agents and streams are told to come back, running requests end, then the database. */
  stop(): Promise<void>;
}

export async function startControl(config: Config, log: Logger): Promise<Control> {
  const db = connectDatabase(config.database, (err) => log.warn({ event: 'database.connection-lost', err }));
  try {
    const applied = await migrate(db);
    if (applied > 0) log.info({ event: 'database.migrated', applied });
    await seedPlans(db);
    const installation = await ownInstallation(db, config.installation);
    return await startOn(config, log, db, installation);
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function startOn(config: Config, log: Logger, db: Db, installation: string): Promise<Control> {
  const pki = await openPki(config.pkiFolder, new Date());
  const bus = await openBus(config.database, log);
  const replica = randomBytes(8).toString('hex');
  const context: Context = {
    config,
    installation,
    replica,
    db,
    bus,
    pki,
    seal: makeSeal(pki.sealKey),
    links: makeLinks({ db, bus, replica, log }),
    pairs: makePairs({ random: randomBytes, log }),
    metrics: makeMetrics(db),
    log,
    now: () => new Date(),
    random: randomBytes,
  };
  const app = await makeServer(context, await makeServerTls(pki, config, context.now()));
  await app.ready();
  const server = app.server as unknown as TlsServer;
  const stopRenewing = keepRenewed(server, pki, config, (err) => log.error({ event: 'tls.renewal-failed', err }));
  const jobs = config.jobs ? await startJobs(context) : undefined;
  const listening: Listening = await listenOn(server, config.listen, log);
  return {
    context,
    app,
    addresses: listening.addresses,
    async stop() {
      stopRenewing();
      context.links.stop();
      context.pairs.stop();
      const closed = listening.close();
      await app.close();
      await closed;
      await jobs?.stop();
      await bus.stop();
      await db.destroy();
    },
  };
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
