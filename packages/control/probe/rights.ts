import { SEES } from '#model/right/decide.ts';
import { ADMIN, DESK, KEEPS } from '../auth/groups.ts';
import type { Rights } from '../auth/row.ts';

export const PROBE_RIGHTS: Rights = {
  'POST /v1/probes': {
    object: 'site',
    from: 'body',
    may: SEES.site,
    scope: 'read',
    absent: { object: 'installation', may: ADMIN, scope: 'read' },
  },
  'GET /v1/probes/matrix': { object: 'installation', may: DESK, scope: 'read' },
  'GET /v1/sites/:site/proof': { object: 'site', from: 'params', may: SEES.site, scope: 'read' },
  'POST /v1/sites/:site/proof': { object: 'site', from: 'params', may: KEEPS, scope: 'write' },
};
