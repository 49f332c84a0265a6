import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnrolAnswer } from '#contract/agent/messages.ts';
import { createNode, revokeNode } from '#contract/api/node.ts';
import { makeAuthority } from '../pki/authority.ts';
import { certifyNode } from '../pki/node-certificate.ts';
import { enrolTestAgent, makeCsr, type TestAgent } from '../testing/agent.ts';
import { type Answer, type SendOptions, startTestControl, type TestControl } from '../testing/harness.ts';
import { guard } from './guard.ts';
import { RIGHTS } from './rights.ts';
import type { Who } from './row.ts';

let control: TestControl;
let node: TestAgent;
let revoked: TestAgent;
let forged: { cert: string; key: string };

beforeAll(async () => {
  control = await startTestControl();
  node = await enrolTestAgent(control, 'node1');
  revoked = await enrolTestAgent(control, 'node2');
  await control.call(revokeNode, { params: { node: 'node2' } });
  const { csr, key } = await makeCsr();
  const foreign = await makeAuthority('Hofje platform authority', new Date(), Buffer.alloc(16, 1));
  const certificate = await certifyNode(foreign, csr, node.identity.node, new Date(), Buffer.alloc(16, 2));
  forged = { cert: certificate.toString('pem'), key };
});

afterAll(async () => {
  await control?.stop();
});

/** Whoever comes: what is shown, and to which routes it is the right. */
interface TestCaller {
  readonly show: () => SendOptions & { readonly suffix?: string };
  readonly mayCall: (who: Who) => boolean;
}
const nothing = () => false;
const CALLERS: Readonly<Record<string, TestCaller>> = {
  nobody: { show: () => ({ token: null }), mayCall: nothing },
  'a wrong token': { show: () => ({ token: 'x'.repeat(43) }), mayCall: nothing },
  'half of the token': { show: () => ({ token: control.token.slice(0, 20) }), mayCall: nothing },
  'the token as a password': {
    show: () => ({
      token: null,
      headers: { authorization: `Basic ${Buffer.from(`operator:${control.token}`).toString('base64')}` },
    }),
    mayCall: nothing,
  },
  'the token in the address': { show: () => ({ token: null, suffix: `?token=${control.token}` }), mayCall: nothing },
  'a claim of a proxy': {
    show: () => ({
      token: null,
      headers: {
        'x-forwarded-for': '127.0.0.1',
        'x-client-verify': 'SUCCESS',
        'x-ssl-client-cert': encodeURIComponent(node.identity.certificate),
      },
    }),
    mayCall: nothing,
  },
  // Whoever holds the token of the machine is nobody in person.
  'the machine': { show: () => ({}), mayCall: (who) => typeof who === 'object' && who.object !== 'self' },
  'a node': { show: () => ({ token: null, certificate: node.certificate }), mayCall: (who) => who === 'node' },
  'a revoked node': { show: () => ({ token: null, certificate: revoked.certificate }), mayCall: nothing },
  'a node of another authority': { show: () => ({ token: null, certificate: forged }), mayCall: nothing },
};

/** It goes on and on once somebody is admitted. */
const ENDLESS = 'GET /v1/events';
const routes = Object.entries(RIGHTS).map(([route, who]) => {
  const [method = '', url = ''] = route.split(' ');
  return { route, method, path: url.replace(/:[a-z]+/g, 'x'), who };
});

/** Over TLS where a certificate is shown; else without a connection, which takes most of the time. */
async function ask(
  method: string,
  path: string,
  options: SendOptions,
): Promise<Pick<Answer, 'status' | 'headers' | 'body'>> {
  const { certificate, token = control.token, headers, body } = options;
  if (certificate !== undefined) return await control.send(method, path, options);
  const answer = await control.control.app.inject({
    method: method as 'GET',
    url: path,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  const isJson = /^application\/(problem\+)?json/.test(String(answer.headers['content-type'])) && answer.body !== '';
  return {
    status: answer.statusCode,
    headers: answer.headers as Answer['headers'],
    body: isJson ? answer.json() : undefined,
  };
}

describe.each(Object.entries(CALLERS))('%s', (_name, { show, mayCall }) => {
  test.each(routes)('$route', async ({ route, method, path, who }) => {
    if (route === ENDLESS && mayCall(who)) return;
    const { suffix = '', ...shown } = show();
    const answer = await ask(method, path + suffix, { ...shown, ...(method === 'GET' ? {} : { body: {} }) });
    const refused = answer.status === 401 || answer.status === 403;
    const { code } = (answer.body ?? {}) as { code?: string };
    // What a visitor is told is up to the route.
    if (who === 'visitor') return;
    if (who === 'anyone' || who === 'ticket' || mayCall(who)) {
      // A right to call is no right to succeed: nothing of it was asked for properly.
      expect(refused && code !== 'enrolment.refused').toBe(false);
    } else {
      expect(refused).toBe(true);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(JSON.stringify(answer.body)).not.toMatch(/ at .*\.ts/);
    }
  });
});

test.each(['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PROPFIND'])(
  '%s opens no way around the table',
  async (method) => {
    for (const path of ['/v1/accounts', '/agent/v1/desired', '/v1/sites/x']) {
      if (Object.hasOwn(RIGHTS, `${method} ${path.replace('/x', '/:site')}`)) continue;
      const answer = await control.send(method, path, { token: null });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  },
);

test.each([
  '//v1/accounts',
  '/v1//accounts',
  '/V1/accounts',
  '/v1/accounts/',
  '/v1/%61ccounts',
  '/healthz/../v1/accounts',
  '/v1/accounts;x',
  '/v1/accounts%00',
])('the address %s is no way around the table', async (path) => {
  const answer = await control.send('GET', path, { token: null });
  expect([400, 401, 404]).toContain(answer.status);
  expect(answer.text).not.toContain('items');
});

test('the table has a row for each route, and no row without one', async () => {
  const { app } = control.control;
  for (const { method, route } of routes) {
    const url = route.slice(method.length + 1);
    expect(app.hasRoute({ method: method as 'GET', url }), route).toBe(true);
  }
});

test('whoever only reads changes nothing', () => {
  const readers = ['reader', 'supporting', 'approver'];
  const harmless = ['POST /v1/probes', 'POST /v1/accounts/:account/leave'];
  for (const { route, method, who } of routes) {
    if (method === 'GET' || typeof who !== 'object' || harmless.includes(route)) continue;
    expect(
      who.may.filter((role) => readers.includes(role)),
      route,
    ).toEqual([]);
    expect(who.scope, route).not.toBe('read');
  }
});

test('who belongs to an account and who gives rights is decided in person, with a fresh proof', () => {
  for (const { route, method, who } of routes) {
    const grave = /\/(members|hand-over|invitations|allow|tokens|people)$/.test(route) && method === 'POST';
    if (grave && typeof who === 'object' && who.byMachine !== true)
      expect(who, route).toMatchObject({ stepUp: true, bySession: true });
  }
});

test('a route that has no row stops the start', () => {
  const app = Fastify();
  guard(app, control.control.context, { 'GET /v1/known': 'anyone' });
  app.get('/v1/known', { exposeHeadRoute: false }, async () => 'x');
  expect(() => app.get('/v1/forgotten', async () => 'x')).toThrow('nobody says who may call GET /v1/forgotten');
  expect(() => app.post('/v1/known', async () => 'x')).toThrow('nobody says who may call POST /v1/known');
});

test('a node reads and reports its own objects only', async () => {
  const { node: other } = await control.call(createNode, { body: { name: 'node3' } });
  const answer = await node.report({ node: other.id as EnrolAnswer['node'] });
  expect(answer).toMatchObject({ status: 403, body: { code: 'auth.foreign-object', field: 'node' } });
  expect((await node.desired().catch(String)).toString()).toContain('node.no-images');
});
