import { Agent, request } from 'node:http';
import { readAnswer } from '#host/answer.ts';
import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import { EDGE_ADMIN_PORT } from '#model/network/service.ts';
import type { EdgeGeneration, EdgePointer, EdgeSite, EdgeStats, EdgeTable } from './protocol.ts';
import { parseStats } from './stats.ts';

const TIMEOUT_MS = 5000;
/** A table of thousands of certificates takes its time. */
const TABLE_TIMEOUT_MS = 60_000;
/** Figures of some ten thousand sites. */
const ANSWER_MAX = 8 * 1024 * 1024;

/**
 * The admin port of one edge. Throws `edge.unreachable` when it does not answer, `edge.refused` when it cannot use what it
 * was given, `edge.restarted` when it has begun anew since the generation that was named.
 */
export class EdgeClient {
  readonly address: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(address: string) {
    this.address = address;
  }

  async generation(): Promise<EdgeGeneration> {
    const { generation, filled } = asObject(await this.#ask('GET', '/generation'));
    if (typeof generation !== 'string') throw strange(this.address);
    return { generation, filled: filled === true };
  }

  async putTable(table: EdgeTable): Promise<void> {
    await this.#ask('PUT', '/sites', table, TABLE_TIMEOUT_MS);
  }

  async putSite(site: EdgeSite): Promise<void> {
    await this.#ask('PUT', `/sites/${site.id}`, site);
  }

  async point(site: SiteId, pointer: EdgePointer): Promise<void> {
    await this.#ask('PATCH', `/sites/${site}`, pointer);
  }

  async remove(site: SiteId): Promise<void> {
    await this.#ask('DELETE', `/sites/${site}`);
  }

  /** Of the sites that `knows` names. */
  async stats(since: number, knows: (site: SiteId) => boolean): Promise<EdgeStats> {
    const stats = parseStats(await this.#ask('GET', `/stats?since=${since}`), knows);
    if (stats === undefined) throw strange(this.address);
    return stats;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(method: string, path: string, body?: unknown, timeoutMs = TIMEOUT_MS): Promise<unknown> {
    const { status, text } = await this.#exchange(method, path, body, timeoutMs);
    if (status === 204) return undefined;
    const document = parse(text);
    if (status >= 200 && status < 300) return document;
    const message = String(asObject(document)['message'] ?? `status ${status}`);
    if (status === 409) throw new HofjeError('edge.restarted', `The edge has begun anew: ${message}.`);
    if (status === 404) throw new HofjeError('edge.unknown-site', `The edge does not know it: ${message}.`);
    throw new HofjeError('edge.refused', `The edge cannot use what it was given: ${message}.`);
  }

  #exchange(method: string, path: string, body: unknown, timeoutMs: number): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) =>
        reject(new HofjeError('edge.unreachable', 'The edge does not answer.', { cause }));
      const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const sent = request({
        host: this.address,
        port: EDGE_ADMIN_PORT,
        method,
        path,
        agent: this.#agent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: content === undefined ? {} : { 'content-type': 'application/json', 'content-length': content.length },
      });
      sent.on('error', fail);
      sent.on('response', (response) => {
        const status = response.statusCode ?? 0;
        readAnswer(response, ANSWER_MAX).then((text) => resolve({ status, text }), fail);
      });
      sent.end(content);
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function strange(address: string): HofjeError {
  return new HofjeError('edge.unreachable', `What answers at ${address} is no edge.`);
}
