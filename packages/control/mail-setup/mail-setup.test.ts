import { Agent, request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDomain } from '#contract/api/domain.ts';
import { showMailSetup } from '#contract/api/mail-setup.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({ config: { mailHost: 'mail.hosting.example' } });
  const { control } = world;
  await control.call(addDomain, { body: { account: 'alice', name: 'alice.example.net', overrideReason: 'a test' } });
  await control.call(createMailbox, { body: { address: 'info@alice.example.net' } });
});
afterAll(async () => await world.stop());

const fetchAs = async (path: string) => await world.control.send('GET', path, { token: null });

test('a mailbox tells what a program needs, encrypted ways first', async () => {
  const params = { mailbox: 'info@alice.example.net' };
  expect(await world.control.call(showMailSetup, { params })).toMatchObject({
    userName: 'info@alice.example.net',
    servers: [
      { protocol: 'imap', host: 'mail.hosting.example', port: 993, security: 'tls' },
      { protocol: 'smtp', host: 'mail.hosting.example', port: 465, security: 'tls' },
      { protocol: 'imap', port: 143, security: 'starttls' },
      { protocol: 'smtp', port: 587, security: 'starttls' },
    ],
  });
});

test('Thunderbird finds the servers, for an address that there is and one that there is not alike', async () => {
  const known = await fetchAs('/mail/config-v1.1.xml?emailaddress=info@alice.example.net');
  const unknown = await fetchAs('/mail/config-v1.1.xml?emailaddress=nobody@alice.example.net');
  expect(known.status).toBe(200);
  expect(known.headers['content-type']).toContain('application/xml');
  expect(known.text).toBe(unknown.text);
  expect(known.text).toContain('<hostname>mail.hosting.example</hostname>\n      <port>993</port>');
  const strange = await fetchAs('/mail/config-v1.1.xml?emailaddress=nobody@elsewhere.example.org');
  expect(strange.text).toBe(known.text.replaceAll('alice.example.net', 'elsewhere.example.org'));
});

test('an Apple device gets a profile without a password, the same each time', async () => {
  const path = '/mail/apple.mobileconfig?emailaddress=info@alice.example.net';
  const profile = await fetchAs(path);
  expect(profile.headers['content-type']).toContain('application/x-apple-aspen-config');
  expect(profile.text).toContain('<key>IncomingMailServerPortNumber</key><integer>993</integer>');
  expect(profile.text).not.toMatch(/Password<\/key><string>/);
  expect((await fetchAs(path)).text).toBe(profile.text);
});

test.each(['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml'])('Outlook asks at %s', async (path) => {
  const body = '<Autodiscover><Request><EMailAddress>info@alice.example.net</EMailAddress></Request></Autodiscover>';
  const answer = await post(path, body);
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('<Type>SMTP</Type>\n        <Server>mail.hosting.example</Server>');
});

test.each([
  '',
  '<EMailAddress></EMailAddress>',
  '<EMailAddress>a b@c.nl</EMailAddress>',
  '<EMailAddress>x</EMailAddress>',
])('a question of Outlook without an address that can be one is refused: %j', async (body) => {
  expect((await post('/autodiscover/autodiscover.xml', body)).status).toBeGreaterThanOrEqual(400);
});

test('what is asked never becomes markup', async () => {
  const answer = await fetchAs(`/mail/config-v1.1.xml?emailaddress=${encodeURIComponent('a"><b@c.nl')}`);
  expect(answer.status).toBe(422);
});

async function post(path: string, body: string) {
  const { url, ca } = world.control;
  return await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { 'content-type': 'text/xml; charset=utf-8', 'content-length': Buffer.byteLength(body) };
    const sent = request(new URL(path, url), { method: 'POST', agent: new Agent({ ca }), headers }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
