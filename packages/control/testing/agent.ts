import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { WebSocket } from 'ws';
import type { AgentMessage, ControlMessage, EnrolAnswer, NodeReport, SiteReport } from '#contract/agent/messages.ts';
import { createNode } from '#contract/api/node.ts';
import { makeId } from '#model/id.ts';
import type { DesiredState } from '#model/node/desired.ts';
import { exportKey } from '../pki/authority.ts';
import type { Answer, TestControl } from './harness.ts';

/** The node's side of the protocol, for tests of the control plane: it enrols, pulls, reports and answers as an agent does. */
export interface TestAgent {
  readonly identity: EnrolAnswer;
  readonly certificate: { readonly cert: string; readonly key: string };
  send(method: string, path: string, body?: unknown, url?: string): Promise<Answer>;
  desired(): Promise<DesiredState>;
  report(changes?: Partial<NodeReport>): Promise<Answer>;
  /** Applies each state that it hears of at once, every site asleep, until closed. */
  follow(options?: FollowOptions): Promise<TestLink>;
}

export interface FollowOptions {
  readonly url?: string;
  readonly stateOf?: (site: DesiredState['sites'][number]) => Partial<SiteReport>;
  readonly onMessage?: (message: ControlMessage, answer: (message: AgentMessage) => void) => void;
}

export interface TestLink {
  readonly messages: ControlMessage[];
  close(): Promise<void>;
  readonly closed: Promise<number>;
}

export async function makeCsr(): Promise<{ csr: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=whoever', keys, signingAlgorithm: algorithm });
  return { csr: csr.toString('pem'), key: await exportKey(keys.privateKey) };
}

export async function enrolTestAgent(test: TestControl, name: string): Promise<TestAgent> {
  const { enrolment } = await test.call(createNode, { body: { name } });
  const { csr, key } = await makeCsr();
  const answer = await test.send('POST', '/agent/v1/enrol', { body: { token: enrolment.token, csr }, token: null });
  if (answer.status !== 200) throw new Error(`no enrolment: ${answer.text}`);
  const identity = answer.body as EnrolAnswer;
  return testAgent(test, identity, key);
}

export function testAgent(test: TestControl, identity: EnrolAnswer, key: string): TestAgent {
  const certificate = { cert: identity.certificate, key };
  const send = async (method: string, path: string, body?: unknown, url?: string) =>
    await test.send(method, path, {
      token: null,
      certificate,
      ...(body === undefined ? {} : { body }),
      ...(url && { url }),
    });

  async function desired(): Promise<DesiredState> {
    const answer = await send('GET', '/agent/v1/desired');
    if (answer.status !== 200) throw new Error(`no desired state: ${answer.text}`);
    return answer.body as DesiredState;
  }

  async function report(changes: Partial<NodeReport> = {}): Promise<Answer> {
    const plain: NodeReport = {
      node: identity.node,
      at: Date.now(),
      revision: 0,
      facts: { kernel: '6.1', crun: '1.8.1', cgroups: 'v1', memoryBytes: 2 ** 33, processors: 2 },
      alarms: [],
      services: [],
      sites: [],
      signals: [],
    };
    return await send('POST', '/agent/v1/report', { ...plain, ...changes });
  }

  async function apply(options: FollowOptions): Promise<void> {
    const state = await desired();
    const sites = state.sites.map((site) => ({
      id: site.id,
      state: site.suspended ? ('suspended' as const) : ('asleep' as const),
      instance: makeId('instance', crypto.getRandomValues(new Uint8Array(20))),
      image: site.image,
      applied: state.revision,
      ...options.stateOf?.(site),
    }));
    const answer = await report({ revision: state.revision, sites });
    if (answer.status !== 204) throw new Error(`report refused: ${answer.text}`);
  }

  return {
    identity,
    certificate,
    send,
    desired,
    report,
    async follow(options = {}) {
      const url = new URL('/agent/v1/link', options.url ?? test.url);
      url.protocol = 'wss:';
      const socket = new WebSocket(url, { ca: test.ca, ...certificate });
      const messages: ControlMessage[] = [];
      let work: Promise<void> = Promise.resolve();
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as ControlMessage;
        messages.push(message);
        if (message.kind === 'changed') work = work.then(() => apply(options)).catch(() => undefined);
        else options.onMessage?.(message, (answer) => socket.send(JSON.stringify(answer)));
      });
      const closed = new Promise<number>((resolve) => socket.on('close', resolve));
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      return {
        messages,
        closed,
        async close() {
          socket.close();
          await closed;
          await work;
        },
      };
    },
  };
}
