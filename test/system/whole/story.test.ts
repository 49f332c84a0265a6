import { afterAll, beforeAll, expect, test } from 'vitest';
import { findConnection } from '#platform/api/connection.ts';
import { playStory } from '#platform/demo/story.ts';
import { openWhole, type Whole } from './stage.ts';

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole();
});
afterAll(async () => await whole?.close());

test('the demo tells its story, and every line of it holds, also the second time', async () => {
  const { ca: authority } = await findConnection({ HOFJE_STATE: whole.folders.root });
  for (const time of ['first', 'second']) {
    const checks = await playStory({ ...whole, authority, progress: () => undefined });
    expect(checks.length, time).toBeGreaterThan(20);
    expect(checks.filter(({ held }) => !held)).toEqual([]);
  }
}, 300_000);
