import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAnswer } from './answer.ts';

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    response.write('ü'.repeat(1000));
    if (request.url === '/broken') setImmediate(() => response.destroy());
    else response.end('end');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => server.close());

async function ask(path: string): Promise<IncomingMessage> {
  const [response] = await once(get(url + path, { agent: false }), 'response');
  return response;
}

test('an answer is read whole, up to its greatest length', async () => {
  expect(await readAnswer(await ask('/'), 2003)).toBe(`${'ü'.repeat(1000)}end`);
  await expect(readAnswer(await ask('/'), 2002)).rejects.toThrow(RangeError);
});

test('an answer that breaks off is no answer', async () => {
  await expect(readAnswer(await ask('/broken'), 5000)).rejects.toThrow('aborted');
});
