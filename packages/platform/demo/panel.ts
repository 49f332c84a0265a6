import type { Me } from '#contract/api/session.ts';
import type { Client } from '../api/client.ts';
import { type Check, check, type Finding } from './check.ts';
import { doorLinks } from './people.ts';
import { type Visit, visit } from './web.ts';

export interface PanelStage {
  readonly client: Client;
  /** PEM of the authority of the platform's own certificates; the system's own where absent. */
  readonly authority: string | undefined;
}

/** What a page must not be able to do, whatever text gets onto it. */
const POLICY = [
  /default-src 'none'/,
  /script-src 'self'(;|$)/,
  /style-src 'self'(;|$)/,
  /frame-ancestors 'none'/,
  /require-trusted-types-for 'script'/,
];

/** Opens the panel as a browser does, and comes in by the customer's link. */
export async function openPanel({ client, authority }: PanelStage): Promise<Check[]> {
  const { customer: link } = await doorLinks(client);
  const { origin, hash } = new URL(link);
  const ask: Ask = async (method, path, { body, cookie } = {}) => {
    const { hostname, host } = new URL(origin);
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return await visit(origin, hostname, path, {
      method,
      ...(authority !== undefined && { ca: authority }),
      ...(content !== undefined && { body: content }),
      headers: {
        host,
        'sec-fetch-site': 'same-origin',
        ...(content !== undefined && { 'content-type': 'application/json', 'content-length': `${content.length}` }),
        ...(cookie !== undefined && { cookie }),
      },
    });
  };
  return [
    await check('the panel opens, and its pages may run nothing but the panel', async () => await lookAtPage(ask)),
    await check(
      'a link lets its customer in, once, and shows what is his',
      async () => await comeIn(ask, hash.slice(1)),
    ),
  ];
}

type Ask = (
  method: string,
  path: string,
  options?: { readonly body?: object; readonly cookie?: string },
) => Promise<Visit>;

async function lookAtPage(ask: Ask): Promise<Finding> {
  const page = await ask('GET', '/');
  const policy = String(page.headers['content-security-policy'] ?? '');
  const [, script = ''] = /<script [^>]*src="\.?([^"]+)"/.exec(page.body.toString('utf8')) ?? [];
  const code = await ask('GET', script || '/nothing');
  const missing = POLICY.filter((rule) => !rule.test(policy));
  const isStrict = missing.length === 0 && !policy.includes('unsafe');
  return {
    held: page.status === 200 && code.status === 200 && isStrict,
    fact: `${page.status}, script ${code.status}, ${isStrict ? "script-src 'self', trusted types" : `policy: ${policy}`}`,
  };
}

async function comeIn(ask: Ask, token: string): Promise<Finding> {
  const entered = await ask('POST', '/v1/session/link', { body: { token } });
  const [line = ''] = entered.headers['set-cookie'] ?? [];
  const [cookie = ''] = line.split(';');
  const isKept = /^__Host-/.test(line) && /; HttpOnly/i.test(line) && /; SameSite=Strict/i.test(line);
  const me = JSON.parse((await ask('GET', '/v1/session', { cookie })).body.toString('utf8')) as Me;
  const { items } = JSON.parse((await ask('GET', '/v1/sites', { cookie })).body.toString('utf8')) as {
    readonly items: readonly { readonly name: string; readonly account: string }[];
  };
  const again = await ask('POST', '/v1/session/link', { body: { token } });
  const [membership] = me.memberships;
  const isOwn = items.length > 0 && items.every(({ account }) => account === membership?.account);
  return {
    held: entered.status === 200 && isKept && isOwn && again.status >= 400,
    fact: `${me.person?.email} sees ${items.map(({ name }) => name).join(', ')}; the link again: ${again.status}`,
  };
}
