import type { Socket } from 'node:net';
import type { WakeAnswer } from '#contract/gate/messages.ts';
import type { SiteId } from '#model/id.ts';
import { askAgent } from './connect.ts';
import { parseObject, textOr } from './json.ts';

/** How long an agent that is being started again is waited for. */
const PATIENCE_MS = 5000;
const ANSWER_MAX = 64 * 1024;
const RETRY_AFTER_SECONDS = 5;
const TRIES = 2;

/**
 * Asks the agent to have a site awake. An agent that goes away while it thinks is asked once more: waking twice is the
 * same as waking once. Never rejects; `timeoutMs` bounds the whole.
 */
export async function askWake(agentSocket: string, site: SiteId, timeoutMs: number): Promise<WakeAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  for (let turn = 0; turn < TRIES && !timeout.aborted; turn += 1) {
    const socket = await askAgent(agentSocket, { ask: 'wake', site }, PATIENCE_MS, timeout);
    const answer = socket === undefined ? undefined : await readAnswer(socket, timeout);
    if (answer !== undefined) return answer;
  }
  return { awake: false, reason: 'the agent does not answer', retryAfterSeconds: RETRY_AFTER_SECONDS };
}

async function readAnswer(socket: Socket, timeout: AbortSignal): Promise<WakeAnswer | undefined> {
  const stop = () => socket.destroy();
  timeout.addEventListener('abort', stop);
  try {
    if (timeout.aborted) return undefined;
    let text = '';
    socket.setEncoding('utf8');
    for await (const chunk of socket) {
      text += chunk;
      const end = text.indexOf('\n');
      if (end !== -1) return parseWakeAnswer(text.slice(0, end));
      if (text.length > ANSWER_MAX) return undefined;
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    timeout.removeEventListener('abort', stop);
    socket.destroy();
  }
}

export function parseWakeAnswer(line: string): WakeAnswer | undefined {
  const value = parseObject(line);
  if (value?.['awake'] === true) return { awake: true };
  if (value?.['awake'] !== false) return undefined;
  return {
    awake: false,
    reason: textOr(value['reason'], 'no reason given'),
    retryAfterSeconds: retryAfter(Number(value['retryAfterSeconds'])),
  };
}

function retryAfter(seconds: number): number {
  return Number.isFinite(seconds) ? Math.min(3600, Math.max(1, Math.ceil(seconds))) : RETRY_AFTER_SECONDS;
}
