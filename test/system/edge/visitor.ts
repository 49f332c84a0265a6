import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { Readable } from 'node:stream';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { EDGE } from './fixture.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Visit {
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent in chunks of unknown total length. */
  readonly body?: Buffer | Readable;
  readonly tls?: boolean;
  /** Name in the handshake, when it is not the host. */
  readonly serverName?: string;
  /** Own address. */
  readonly from?: string;
  readonly port?: number;
}

/** One request over HTTP/1.1 and a connection of its own. */
export async function visit(wish: Visit): Promise<Answer> {
  const { host, path = '/', method = 'GET', headers = {}, body, tls = false } = wish;
  const options = {
    host: EDGE,
    port: wish.port ?? (tls ? 8443 : 8080),
    path,
    method,
    headers: { Host: host, ...headers },
    agent: false as const,
    ...(wish.from === undefined ? {} : { localAddress: wish.from }),
  };
  return await new Promise((resolve, reject) => {
    const request = tls
      ? httpsRequest({ ...options, servername: wish.serverName ?? host, rejectUnauthorized: false })
      : httpRequest(options);
    request.on('error', reject);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    if (body === undefined || Buffer.isBuffer(body)) request.end(body);
    else body.pipe(request);
  });
}

/** One request over HTTP/2. */
export async function visitHttp2(wish: Visit): Promise<Answer> {
  const { host, path = '/', method = 'GET', headers = {}, body } = wish;
  const session = connectHttp2(`https://${EDGE}:8443`, {
    servername: wish.serverName ?? host,
    rejectUnauthorized: false,
  });
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request(
        { ':authority': host, ':path': path, ':method': method, ...headers },
        { endStream: body === undefined },
      );
      const parts: Buffer[] = [];
      let answered: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
      stream.on('error', reject);
      stream.on('response', (received) => {
        answered = received;
      });
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () =>
        resolve({ status: answered[':status'] ?? 0, headers: answered, body: Buffer.concat(parts) }),
      );
      if (body === undefined || Buffer.isBuffer(body)) stream.end(body);
      else body.pipe(stream);
    });
  } finally {
    session.close();
  }
}

/** The certificate that a handshake for this name gets. */
export async function certificateFor(serverName: string | undefined): Promise<PeerCertificate> {
  return await new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        host: EDGE,
        port: 8443,
        rejectUnauthorized: false,
        ...(serverName === undefined ? {} : { servername: serverName }),
      },
      () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

/** Sends bytes as they are and gives what came back when the edge closed, or after the first answer went quiet. */
export async function rawVisit(bytes: string, quietMs = 300): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connectTcp(8080, EDGE, () => socket.write(bytes));
    let text = '';
    socket.setTimeout(quietMs, () => socket.destroy());
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
