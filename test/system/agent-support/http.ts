import { type Agent, request } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly milliseconds: number;
}

export interface HttpAsk {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** One request to a node's public address, with the name of a site. No proxy is asked, whatever the environment says. */
export function ask(address: string, host: string, options: HttpAsk = {}): Promise<HttpAnswer> {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request({
      host: address,
      port: 80,
      path: options.path ?? '/',
      method: options.method ?? 'GET',
      headers: { host },
      agent: options.agent ?? false,
      signal: AbortSignal.timeout(60_000),
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          headers: response.headers,
          milliseconds: performance.now() - from,
        }),
      );
    });
    sent.end(options.body);
  });
}
