import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AgentMessage, ControlMessage, NodeReport, Question } from '#contract/agent/messages.ts';
import { type Authority, makeAuthority, makeLeaf } from '#control/pki/authority.ts';
import { certifyNode } from '#control/pki/node-certificate.ts';
import { type InstallationId, makeId, type NodeId } from '#model/id.ts';
import type { DesiredState } from '#model/node/desired.ts';

interface Answer {
  readonly status: number;
  readonly value?: unknown;
  readonly etag?: string;
}

/** The least that an agent takes for a control plane: enrolment, a desired state, a link, and a place for reports. */
export class FakeControl {
  readonly installation: InstallationId = makeId('installation', randomBytes(20));
  readonly node: NodeId = makeId('node', randomBytes(20));
  readonly token = randomBytes(24).toString('base64url');
  readonly authority: Authority;
  readonly reports: NodeReport[] = [];
  pulls = 0;
  enrolments = 0;
  renewals = 0;
  #desired: DesiredState | undefined;
  #server: Server | undefined;
  readonly #links = new Set<WebSocket>();
  readonly #answers = new Map<string, (answer: AgentMessage) => void>();

  private constructor(authority: Authority) {
    this.authority = authority;
  }

  static async make(): Promise<FakeControl> {
    return new FakeControl(await makeAuthority('test authority', new Date(), randomBytes(16)));
  }

  get linked(): boolean {
    return this.#links.size > 0;
  }

  /** Listens on an address that may come to be only later. */
  async listen(host: string, port: number): Promise<void> {
    const leaf = await makeLeaf(this.authority, {
      commonName: 'control',
      names: [host],
      use: 'server',
      days: 1,
      now: new Date(),
      serial: randomBytes(16),
    });
    const ca = this.authority.pem;
    const server = createServer(
      { key: leaf.key, cert: leaf.chain, ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
          const isKnown = (request.socket as TLSSocket).authorized;
          void this.#answer(`${request.method} ${request.url}`, body, request.headers['if-none-match'], isKnown).then(
            ({ status, value, etag }) => {
              const headers = { 'content-type': 'application/json', ...(etag === undefined ? {} : { etag }) };
              response.writeHead(status, headers);
              response.end(value === undefined ? undefined : JSON.stringify(value));
            },
          );
        });
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
    const sockets = new WebSocketServer({ server, path: '/agent/v1/link' });
    sockets.on('connection', (socket) => {
      this.#links.add(socket);
      socket.on('close', () => this.#links.delete(socket));
      socket.on('message', (data) => {
        const answer = JSON.parse(String(data)) as AgentMessage;
        this.#answers.get(answer.id)?.(answer);
        this.#answers.delete(answer.id);
      });
    });
  }

  /** After `listen` with port 0. */
  get port(): number {
    const address = this.#server?.address();
    if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
    return address.port;
  }

  /** Goes away, with all connections. */
  async close(): Promise<void> {
    for (const socket of this.#links) socket.terminate();
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  get desired(): DesiredState {
    if (this.#desired === undefined) throw new Error('nothing is desired yet');
    return this.#desired;
  }

  /** Wishes for this from now on, and says so. */
  want(desired: DesiredState): void {
    this.#desired = desired;
    this.send({ kind: 'changed', revision: desired.revision });
  }

  /** The same with another revision and these changes. */
  change(changes: Partial<DesiredState>): number {
    const revision = this.desired.revision + 1;
    this.want({ ...this.desired, revision, ...changes });
    return revision;
  }

  send(message: ControlMessage): void {
    for (const socket of this.#links) socket.send(JSON.stringify(message));
  }

  async ask(question: Question): Promise<AgentMessage> {
    const id = randomBytes(8).toString('hex');
    const answer = new Promise<AgentMessage>((resolve) => this.#answers.set(id, resolve));
    this.send({ kind: 'ask', id, question });
    return await answer;
  }

  get report(): NodeReport | undefined {
    return this.reports.at(-1);
  }

  async #answer(call: string, body: unknown, ifNoneMatch: string | undefined, isKnown: boolean): Promise<Answer> {
    if (call === 'POST /agent/v1/enrol') return await this.#enrol(body as { token: string; csr: string });
    if (!isKnown) return { status: 401, value: { code: 'auth.certificate' } };
    if (call === 'POST /agent/v1/renew') {
      this.renewals += 1;
      return { status: 200, value: await this.#certify((body as { csr: string }).csr) };
    }
    if (call === 'GET /agent/v1/desired') {
      this.pulls += 1;
      const etag = `"${this.#desired?.revision}"`;
      if (this.#desired === undefined) return { status: 409, value: { code: 'node.no-images' } };
      return ifNoneMatch === etag ? { status: 304, etag } : { status: 200, value: this.#desired, etag };
    }
    if (call === 'POST /agent/v1/report') {
      this.reports.push(body as NodeReport);
      return { status: 204 };
    }
    return { status: 404, value: { code: 'not-found' } };
  }

  async #enrol({ token, csr }: { token: string; csr: string }): Promise<Answer> {
    if (token !== this.token) return { status: 403, value: { code: 'enrolment.refused' } };
    this.enrolments += 1;
    return { status: 200, value: await this.#certify(csr) };
  }

  async #certify(csr: string) {
    const certificate = await certifyNode(this.authority, csr, this.node, new Date(), randomBytes(16));
    const { installation, node } = this;
    return { installation, node, certificate: certificate.toString('pem'), ca: this.authority.pem };
  }
}
