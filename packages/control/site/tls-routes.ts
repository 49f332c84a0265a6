import type { FastifyInstance } from 'fastify';
import { putTls, removeTls } from '#contract/api/site.ts';
import { HofjeError } from '#model/error.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { isCovered } from '../pki/cover.ts';
import { readTlsPair } from '../pki/tls-pair.ts';
import { changeSiteRow } from './change.ts';

/** A certificate that the customer brings along. */
export function siteTlsRoutes(app: FastifyInstance, context: Context): void {
  serve(app, putTls, async ({ query, body }, request) => {
    const id = objectOf(request, 'site');
    const pair = readTlsPair(body.chain, body.key, context.now());
    return await changeSiteRow(context, id, { request, wait: query?.wait ?? false }, async (_tx, site) => {
      if (!isCovered(site.name, pair.names)) {
        throw new HofjeError('tls.name-not-covered', `The certificate is not for ${site.name}.`, { field: 'chain' });
      }
      return {
        tls_chain: pair.chain,
        tls_key: context.seal.seal(pair.key),
        tls_names: [...pair.names],
        tls_not_after: pair.notAfter,
      };
    });
  });

  serve(app, removeTls, async ({ query }, request) => {
    const id = objectOf(request, 'site');
    return await changeSiteRow(context, id, { request, wait: query?.wait ?? false }, async () => ({
      tls_chain: null,
      tls_key: null,
      tls_names: null,
      tls_not_after: null,
    }));
  });
}
