import { type IncomingHttpHeaders, request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';

export interface Visit {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly milliseconds: number;
}

export interface VisitOptions {
  readonly method?: string;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Authority that the site's certificate must come from. */
  readonly ca?: string;
}

/**
 * Visits a site as a browser whose DNS leads to `endpoint` (an URL of the node): the name is in SNI and Host, the
 * connection goes to the endpoint. No proxy of the environment is asked.
 */
export async function visit(endpoint: string, host: string, path = '/', options: VisitOptions = {}): Promise<Visit> {
  const { hostname, port, protocol } = new URL(endpoint);
  const begin = performance.now();
  const asked: RequestOptions = {
    host: hostname,
    port,
    path,
    method: options.method ?? 'GET',
    headers: { host, ...options.headers },
    agent: false,
  };
  const tls = { servername: host, ...(options.ca === undefined ? { rejectUnauthorized: false } : { ca: options.ca }) };
  return await new Promise((resolve, reject) => {
    const outgoing = protocol === 'https:' ? tlsRequest({ ...asked, ...tls }) : plainRequest(asked);
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      buffer(answer).then((body) => {
        const milliseconds = performance.now() - begin;
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, milliseconds });
      }, reject);
    });
    outgoing.end(options.body);
  });
}
