import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Bus } from './database/bus.ts';
import type { Db } from './database/connect.ts';
import type { Hub } from './event/hub.ts';
import type { Links } from './link/links.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Pki } from './pki/pki.ts';
import type { Seal } from './secret/seal.ts';
import type { Pairs } from './stream/pairs.ts';

/** What every part of the control plane works with: made once in `server.ts`, given on, never global. */
export interface Context {
  readonly config: Config;
  readonly installation: string;
  /** Names this process among its replicas; random at each start. */
  readonly replica: string;
  readonly db: Db;
  readonly bus: Bus;
  readonly pki: Pki;
  readonly seal: Seal;
  readonly links: Links;
  readonly hub: Hub;
  readonly pairs: Pairs;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => Date;
  readonly random: (bytes: number) => Buffer;
}
