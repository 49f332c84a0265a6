import { type Static, Type } from 'typebox';
import { SITE_STATES } from '#model/site/state.ts';
import {
  BasedOn,
  GraceQuery,
  HostName,
  IdText,
  MaybeMoment,
  MaybeSettled,
  Moment,
  Page,
  PageQuery,
  Reason,
  ShortName,
  Version,
  WaitQuery,
} from './common.ts';
import { endpoint } from './endpoint.ts';

/** `unknown`: no node has reported the site yet. `deleted`: it waits for its purge and can be restored. */
export const SITE_STATES_SHOWN = [...SITE_STATES, 'unknown', 'deleted'] as const;

export const SiteHost = Type.Object(
  {
    name: Type.String(),
    role: Type.Union([Type.Literal('primary'), Type.Literal('alias')]),
    served: Type.Boolean({ description: 'Its domain is proven or overridden.' }),
    certificate: Type.Union([Type.Literal('own-authority'), Type.Literal('customer')]),
    certificateUntil: Moment,
  },
  { additionalProperties: false },
);

export const Site = Type.Object(
  {
    id: IdText('site'),
    name: Type.String({ description: 'Its first domain name, lower case, A-labels.' }),
    account: IdText('account'),
    node: IdText('node'),
    plan: ShortName,
    image: Type.String({ description: 'Digest of the image it should run.' }),
    redirectToHttps: Type.Boolean(),
    suspended: Type.Boolean(),
    suspendedBy: Type.Union([Type.Literal('operator'), Type.Literal('account'), Type.Null()], {
      description: 'What an operator has suspended, only an operator resumes.',
    }),
    state: Type.Enum(SITE_STATES_SHOWN),
    reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is in this state.' }),
    instance: Type.Union([Type.String(), Type.Null()]),
    hosts: Type.Array(SiteHost),
    version: Version,
    createdAt: Moment,
    deletedAt: MaybeMoment,
    purgeAfter: MaybeMoment,
    ...MaybeSettled,
  },
  { additionalProperties: false },
);
export type Site = Static<typeof Site>;

const params = Type.Object({ site: Type.String({ maxLength: 300, description: 'Id, or one of its host names.' }) });
const wait = Type.Object(WaitQuery, { additionalProperties: false });

export const createSite = endpoint({
  method: 'POST',
  path: '/v1/sites',
  summary: 'Make a site, and its domain (with mail) where it does not exist yet.',
  query: wait,
  body: Type.Object(
    {
      domain: HostName,
      account: Type.String({ maxLength: 100, description: 'Id or name.' }),
      plan: Type.Optional(ShortName),
      image: Type.Optional(
        Type.String({ maxLength: 100, description: 'Image kind or digest; site-php8.2 otherwise.' }),
      ),
      node: Type.Optional(Type.String({ maxLength: 100, description: 'Id or name; chosen otherwise.' })),
      aliases: Type.Optional(Type.Array(HostName, { maxItems: 100 })),
      overrideReason: Type.Optional(Reason),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Site,
  creates: true,
});

export const listSites = endpoint({
  method: 'GET',
  path: '/v1/sites',
  summary: 'List sites by name.',
  query: Type.Object(
    {
      ...PageQuery,
      account: Type.Optional(Type.String({ maxLength: 100 })),
      node: Type.Optional(Type.String({ maxLength: 100 })),
      deleted: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Page(Site),
});

export const getSite = endpoint({
  method: 'GET',
  path: '/v1/sites/:site',
  summary: 'Show a site.',
  params,
  status: 200,
  answer: Site,
});

export const changeSite = endpoint({
  method: 'PATCH',
  path: '/v1/sites/:site',
  summary: 'Change plan, image or the redirect to https.',
  params,
  query: wait,
  body: Type.Object(
    {
      plan: Type.Optional(ShortName),
      image: Type.Optional(Type.String({ maxLength: 100 })),
      redirectToHttps: Type.Optional(Type.Boolean()),
      ...BasedOn,
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Site,
  changes: true,
});

export const suspendSite = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/suspend',
  summary: 'Stop a site: requests get 503, mail waits.',
  params,
  query: wait,
  status: 200,
  answer: Site,
  changes: true,
});

export const resumeSite = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/resume',
  summary: 'Let a suspended site run again.',
  params,
  query: wait,
  status: 200,
  answer: Site,
  changes: true,
});

export const sleepSite = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/sleep',
  summary: 'Put a site to sleep now; the next request or entry wakes it. `state` is running when one came at once.',
  params,
  status: 200,
  answer: Site,
});

export const wakeSite = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/wake',
  summary: 'Wake a site now, as a request would.',
  params,
  status: 200,
  answer: Site,
});

export const deleteSite = endpoint({
  method: 'DELETE',
  path: '/v1/sites/:site',
  summary: 'Delete a site; until `purgeAfter` it can be restored. Its domain and mail stay.',
  params,
  query: Type.Object({ ...GraceQuery, ...WaitQuery }, { additionalProperties: false }),
  status: 200,
  answer: Site,
  changes: true,
});

export const restoreSite = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/restore',
  summary: 'Bring a deleted site back.',
  params,
  query: wait,
  status: 200,
  answer: Site,
  changes: true,
});

export const addAlias = endpoint({
  method: 'POST',
  path: '/v1/sites/:site/aliases',
  summary: 'Let a site answer to one more name.',
  params,
  query: wait,
  body: Type.Object({ name: HostName, overrideReason: Type.Optional(Reason) }, { additionalProperties: false }),
  status: 201,
  answer: Site,
  creates: true,
});

export const removeAlias = endpoint({
  method: 'DELETE',
  path: '/v1/sites/:site/aliases/:name',
  summary: 'Take a name from a site.',
  params: Type.Object({ ...params.properties, name: Type.String({ maxLength: 300 }) }),
  query: wait,
  status: 200,
  answer: Site,
  changes: true,
});

export const putTls = endpoint({
  method: 'PUT',
  path: '/v1/sites/:site/tls',
  summary: "Use the customer's own certificate for the names that it covers.",
  params,
  query: wait,
  body: Type.Object(
    {
      chain: Type.String({ minLength: 1, maxLength: 100_000, description: 'PEM, the site’s certificate first.' }),
      key: Type.String({ minLength: 1, maxLength: 20_000, description: 'PEM private key, not encrypted.' }),
      ...BasedOn,
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Site,
  changes: true,
});

export const removeTls = endpoint({
  method: 'DELETE',
  path: '/v1/sites/:site/tls',
  summary: "Go back to certificates of the platform's own authority.",
  params,
  query: wait,
  status: 200,
  answer: Site,
  changes: true,
});

/** What a node answers to `site-logs`: the ends of the site's log files, each below its name. */
export const SiteLogsAnswer = Type.Object({ text: Type.String() });
export type SiteLogsAnswer = Static<typeof SiteLogsAnswer>;

export const siteLogs = endpoint({
  method: 'GET',
  path: '/v1/sites/:site/logs',
  summary: 'The last lines of a site’s logs.',
  params,
  query: Type.Object(
    { lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 200 })) },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object({ lines: Type.Array(Type.String()) }, { additionalProperties: false }),
});
