import { PassThrough } from 'node:stream';
import { execInSite } from '#contract/api/stream.ts';
import type { Client } from '#platform/api/client.ts';
import { openStream, type RunningEntry } from '#platform/api/stream.ts';
import { eventually } from '../platform/stage.ts';

/** A program that runs inside a site, to be talked to. */
export interface Entry {
  readonly running: RunningEntry;
  type(text: string): void;
  /** Ends its input. */
  end(): void;
  /** Waits until its output has this in it. */
  says(what: RegExp): Promise<void>;
}

export async function openEntry(
  client: Client,
  site: string,
  argv: string[],
  terminal?: { readonly columns: number; readonly rows: number },
): Promise<Entry> {
  const body = { argv, ...(terminal !== undefined && { terminal }) };
  const { url } = await client.call(execInSite, { params: { site }, body });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let said = '';
  for (const stream of [stdout, stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const running = openStream(client, url, { stdin, stdout, stderr });
  // Whoever waits for it deals with its failure.
  running.outcome.catch(() => undefined);
  return {
    running,
    type: (text) => void stdin.write(text),
    end: () => void stdin.end(),
    says: async (what) => {
      await eventually(`${what} in the output`, async () => (what.test(said) ? true : undefined)).catch((error) => {
        running.cancel();
        throw new Error(`it said: ${said}`, { cause: error });
      });
    },
  };
}
