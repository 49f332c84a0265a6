import type { ServerOptions } from 'node:https';
import type { Server as TlsServer } from 'node:tls';
import type { Config } from '../config.ts';
import type { Pki } from './pki.ts';

export type TlsOptions = ServerOptions;

const RENEW_EVERY_MS = 12 * 3600_000;

/**
 * The API's TLS: a certificate of our authority for every name and address that it is reached by; client certificates are
 * asked for and checked against the same authority, and whether one is needed, each route says.
 */
export async function makeServerTls(pki: Pki, config: Config, now: Date): Promise<TlsOptions> {
  const leaf = await pki.makeServer(serverNames(config), now);
  return {
    cert: leaf.chain,
    key: leaf.key,
    ca: [pki.nodes.pem],
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
  };
}

/** Pure: names and addresses of `listen`, of the public URLs and of `certificateNames`, each once. */
export function serverNames(config: Config): string[] {
  const urls = Object.values(config.publicUrls).map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  const listening = config.listen.map(({ host }) => host).filter((host) => host !== '0.0.0.0' && host !== '::');
  return [...new Set(['localhost', '127.0.0.1', ...listening, ...urls, ...config.certificateNames])];
}

/** Gives the running server a new certificate twice a day, long before the old one ends. Returns how to stop that. */
export function keepRenewed(
  server: TlsServer,
  pki: Pki,
  config: Config,
  onError: (error: unknown) => void,
): () => void {
  const timer = setInterval(() => {
    makeServerTls(pki, config, new Date())
      .then((options) => server.setSecureContext(options))
      .catch(onError);
  }, RENEW_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
