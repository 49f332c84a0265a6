import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The own address, where it matters who asks. */
  readonly from?: string;
}

/** One request over a connection of its own, without any proxy of the environment. */
export async function ask(url: string, options: Ask = {}): Promise<{ readonly status: number; readonly body: string }> {
  const { method = 'GET', headers = {}, body, from } = options;
  const local = from === undefined ? {} : { localAddress: from };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false, ...local });
    asked.on('response', resolve).on('error', reject);
    asked.end(body);
  });
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}
