import { Command } from '@commander-js/extra-typings';
import { clearCache } from '#platform/cache.ts';
import { type Context, requireRoot } from '../context.ts';
import { examples } from '../examples.ts';

export function cacheCommand(context: Context) {
  const cache = new Command('cache').description('downloads and built images that outlive installations');
  cache
    .command('clear')
    .description('remove them; the next `up` fetches and builds anew')
    .addHelpText('after', examples(['hofje cache clear', 'some gigabytes of room']))
    .action(async (_options, command) => {
      requireRoot('clearing the cache');
      const removed = await clearCache(context.cache());
      context
        .output(command)
        .result({ removed }, removed.length === 0 ? 'The cache is empty.' : 'The cache is cleared.');
    });
  return cache;
}
