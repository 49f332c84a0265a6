import { expect, test } from 'vitest';
import { agentOf } from './agent.ts';

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', { browser: 'Firefox', system: 'Linux' }],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML) Version/18.0 Mobile/15E Safari/604',
    { browser: 'Safari', system: 'iPhone' },
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML) Chrome/143.0 Safari/537 Edg/143.0',
    { browser: 'Edge', system: 'Windows' },
  ],
  ['curl/8.5', {}],
  ['', {}],
])('%j is told shortly', (text, told) => {
  expect(agentOf(text)).toEqual(told);
});
