import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { EdgeGeneration, EdgeSite, EdgeStats } from '#agent/edge/protocol.ts';
import { makeId } from '#model/id.ts';
import { EDGE_ADMIN_PORT } from '#model/network/service.ts';
import { SERVICE_GATEWAY } from '#model/node/address.ts';
import type { TestCertificate } from '#test/support/certificate.ts';
import { randomAddress, startService, type TestService } from '#test/support/service.ts';

export const EDGE = randomAddress();

export interface Edge {
  readonly service: TestService;
  /** The gate's socket, seen from the node. */
  readonly wakeSocket: string;
  admin(method: string, path: string, body?: unknown): Promise<{ status: number; document: unknown }>;
  generation(): Promise<string>;
  put(site: EdgeSite): Promise<void>;
  stats(query?: string): Promise<EdgeStats>;
}

export async function startEdge(): Promise<Edge> {
  const admin: Edge['admin'] = async (method, path, body) => {
    const answer = await fetch(`http://${EDGE}:${EDGE_ADMIN_PORT}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, document: text === '' ? undefined : JSON.parse(text) };
  };
  const service = await startService({
    kind: 'edge',
    hostname: 'edge',
    address: EDGE,
    gateway: SERVICE_GATEWAY,
    subvolumes: { 'spool/edge': { owner: 33, limitBytes: 512 * 1024 ** 2 }, 'log/edge': { owner: 33 } },
    isReady: () => until(() => admin('GET', '/generation')),
  });
  return {
    service,
    wakeSocket: join(service.folders.gate, 'edge', 'wake.sock'),
    admin,
    generation: async () => ((await admin('GET', '/generation')).document as EdgeGeneration).generation,
    put: async (site) => {
      const { status, document } = await admin('PUT', `/sites/${site.id}`, site);
      if (status !== 204) throw new Error(`the edge answered ${status} ${JSON.stringify(document)}`);
    },
    stats: async (query = '') => (await admin('GET', `/stats${query}`)).document as EdgeStats,
  };
}

export interface SiteWish {
  readonly names: readonly string[];
  readonly port: number;
  readonly certificate: TestCertificate;
  readonly redirectToHttps?: boolean;
  readonly suspended?: boolean;
}

export function makeSite(wish: SiteWish): EdgeSite {
  return {
    id: makeId('site', randomBytes(20)),
    upstream: `${SERVICE_GATEWAY}:${wish.port}`,
    suspended: wish.suspended ?? false,
    hosts: wish.names.map((name) => ({
      name,
      redirectToHttps: wish.redirectToHttps ?? false,
      ...wish.certificate,
    })),
  };
}

export interface Backend {
  readonly server: Server;
  readonly port: number;
  readonly requests: IncomingMessage[];
  readonly connections: Set<Socket>;
  stop(): Promise<void>;
}

/** Stands for a site's Apache. `port` 0: any. */
export async function startBackend(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  port = 0,
): Promise<Backend> {
  const requests: IncomingMessage[] = [];
  const connections = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(request);
    handle(request, response);
  });
  server.keepAliveTimeout = 75_000;
  server.on('connection', (socket) => connections.add(socket));
  await new Promise<void>((resolve) => server.listen(port, SERVICE_GATEWAY, resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    requests,
    connections,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

export interface GateRequest {
  readonly site: string | undefined;
  readonly connectTime: string | undefined;
  readonly attempt: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly bodyBytes: number;
}

/** Stands for the gate: `wake` is called for each request that the edge sends, and answers it. */
export async function startGate(
  edge: Edge,
  wake: (request: GateRequest, response: ServerResponse) => void | Promise<void>,
): Promise<{ readonly requests: GateRequest[]; stop(): Promise<void> }> {
  const requests: GateRequest[] = [];
  const server = createServer(async (request, response) => {
    let bodyBytes = 0;
    for await (const chunk of request) bodyBytes += (chunk as Buffer).length;
    const header = (name: string) => request.headers[name]?.toString();
    const asked = {
      site: header('x-hofje-site'),
      connectTime: header('x-hofje-connect-time'),
      attempt: header('x-hofje-attempt'),
      headers: request.headers,
      bodyBytes,
    };
    requests.push(asked);
    await wake(asked, response);
  });
  await new Promise<void>((resolve) => server.listen(edge.wakeSocket, resolve));
  await chmod(edge.wakeSocket, 0o666);
  return {
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The gate's answer that sends the request to the site. */
export function resend(response: ServerResponse): void {
  response.writeHead(200, { 'X-Accel-Redirect': '@site', 'Content-Length': 0 }).end();
}

/** A port of the gateway that nobody listens on now. */
export async function freePort(): Promise<number> {
  const backend = await startBackend(() => undefined);
  await backend.stop();
  return backend.port;
}

/** Tries until it works, at most ten seconds. */
export async function until<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
