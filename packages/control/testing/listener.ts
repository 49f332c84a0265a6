import { Agent, request } from 'node:https';
import type { Hint } from '#contract/api/event.ts';
import type { Headers } from './harness.ts';

/** A page that listens to `GET /v1/events`. */
export interface TestListener {
  readonly status: number;
  readonly hints: readonly Hint[];
  readonly resets: number;
  /** The last id, which says where to go on. */
  readonly place: string;
  /** Resolves when something holds, checked after each event; fails after some seconds. */
  until(holds: () => boolean): Promise<void>;
  /** Takes nothing more, without going away. */
  pause(): void;
  resume(): void;
  close(): void;
  readonly closed: Promise<void>;
}

const PATIENCE_MS = 10_000;

export async function listen(url: string, ca: string, headers: Headers): Promise<TestListener> {
  const agent = new Agent({ ca });
  const asked = request(new URL('/v1/events', url), { agent, headers: { accept: 'text/event-stream', ...headers } });
  asked.end();
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve);
    asked.once('error', reject);
  });
  const hints: Hint[] = [];
  const watchers = new Set<() => void>();
  const state = { place: '', resets: 0 };
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    const events = (rest + piece).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) take(event);
    for (const watcher of watchers) watcher();
  });
  function take(event: string): void {
    const members = new Map(event.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    state.place = members.get('id') ?? state.place;
    if (members.get('event') === 'hint') hints.push(JSON.parse(members.get('data') ?? '') as Hint);
    if (members.get('event') === 'reset') state.resets += 1;
  }
  const closed = new Promise<void>((resolve) => {
    asked.on('error', () => undefined);
    response.on('error', () => undefined);
    response.once('close', () => {
      agent.destroy();
      resolve();
    });
  });
  return {
    status: response.statusCode ?? 0,
    hints,
    closed,
    get resets() {
      return state.resets;
    },
    get place() {
      return state.place;
    },
    async until(holds) {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`heard only ${hints.length}: ${JSON.stringify(hints.slice(-3)).slice(0, 2000)}`)),
          PATIENCE_MS,
        );
        const watcher = () => {
          if (!holds()) return;
          clearTimeout(late);
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      });
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close: () => void asked.destroy(),
  };
}
