import { makeClient } from '../api/client.ts';
import { findConnection } from '../api/connection.ts';
import { down } from '../down/down.ts';
import { readForeignFile } from '../state/foreign-file.ts';
import type { Endpoints } from '../up/endpoints.ts';
import { type UpOptions, up } from '../up/up.ts';
import type { Check } from './check.ts';
import { type DoorLinks, doorLinks } from './people.ts';
import { playStory } from './story.ts';

export interface DemoOptions extends UpOptions {
  /** Leave the platform running. */
  readonly keep: boolean;
}

export interface DemoResult {
  readonly checks: readonly Check[];
  readonly endpoints: Endpoints;
  readonly running: boolean;
  readonly seconds: number;
  /** Where the platform is kept. */
  readonly links?: DoorLinks;
}

/** Sets the platform up, plays the story on it, and takes it down again unless it shall be kept. */
export async function demo(options: DemoOptions): Promise<DemoResult> {
  const begin = performance.now();
  const { endpoints } = await up(options);
  try {
    const connection = await findConnection({ HOFJE_STATE: options.folders.root });
    const client = makeClient(connection);
    const siteAuthority = await readForeignFile(options.folders.siteAuthority);
    const checks = await playStory({
      client,
      endpoints,
      siteAuthority,
      authority: connection.ca,
      progress: options.progress,
    });
    const links = options.keep ? { links: await doorLinks(client) } : {};
    return { checks, endpoints, running: options.keep, seconds: (performance.now() - begin) / 1000, ...links };
  } finally {
    if (!options.keep) await down({ folders: options.folders, purge: false, progress: options.progress });
  }
}
