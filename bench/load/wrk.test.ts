import { expect, test } from 'vitest';
import { readWrk } from './wrk.ts';

const report = (more: string) => `Running 3s test @ http://127.0.0.1/
  2 threads and 20 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.14ms    1.02ms  20.11ms   90.31%
    Req/Sec     4.72k   312.11     5.30k    71.67%
  28190 requests in 3.00s, 5.57MB read
${more}Requests/sec:   9391.27
Transfer/sec:      1.86MB
`;

test('the rate is read', () => {
  expect(readWrk(report(''))).toBe(9391.27);
});

test.each([
  report('  Socket errors: connect 0, read 3, write 0, timeout 0\n'),
  report('  Non-2xx or 3xx responses: 28190\n'),
  '',
  'unable to connect to 127.0.0.1:1 Connection refused\n',
])('what was not answered well is no rate: %j', (text) => {
  expect(() => readWrk(text)).toThrow(expect.objectContaining({ code: 'bench.load' }));
});
