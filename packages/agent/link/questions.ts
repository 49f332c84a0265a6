import { PassThrough, Writable } from 'node:stream';
import type { AgentMessage, PipeRun, Question } from '#contract/agent/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { HofjeError } from '#model/error.ts';
import type { ForwarderId, SiteId } from '#model/id.ts';
import type { Visit } from '../site/visit.ts';

/** What the node can be asked, each answered by those who know. */
export interface QuestionWorld {
  readonly queueList: () => Promise<unknown>;
  readonly queueShow: (message: string) => Promise<unknown>;
  readonly queueRetry: (message: string | undefined) => Promise<unknown>;
  readonly sendMail: (mail: Extract<Question, { ask: 'mail-send' }>) => Promise<unknown>;
  readonly pipeRuns: (forwarder: ForwarderId) => readonly PipeRun[];
  readonly testPipe: (test: Extract<Question, { ask: 'pipe-test' }>) => Promise<PipeRun>;
  readonly wakeSite: (site: SiteId) => Promise<unknown>;
  readonly stopSite: (site: SiteId) => Promise<unknown>;
  readonly visit: (visit: Visit) => Promise<Outcome>;
  readonly runProbes: (selection: Extract<Question, { ask: 'probe-run' }>) => Promise<unknown>;
}

/** Answers one question; never throws. */
export async function answerQuestion(world: QuestionWorld, id: string, question: Question): Promise<AgentMessage> {
  try {
    return { kind: 'answer', id, ok: true, value: (await answer(world, question)) ?? null };
  } catch (error) {
    const known = error instanceof HofjeError;
    const code = known ? error.code : 'internal';
    const message = known ? error.message : 'The node could not answer; see the log of its agent.';
    return { kind: 'answer', id, ok: false, code, message };
  }
}

async function answer(world: QuestionWorld, question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'queue-list':
      return await world.queueList();
    case 'queue-show':
      return await world.queueShow(question.message);
    case 'queue-retry':
      return await world.queueRetry(question.message);
    case 'mail-send':
      return await world.sendMail(question);
    case 'pipe-runs':
      return { runs: world.pipeRuns(question.forwarder) };
    case 'pipe-test':
      return await world.testPipe(question);
    case 'site-wake':
      return await world.wakeSite(question.site);
    case 'site-stop':
      return await world.stopSite(question.site);
    case 'site-logs':
      return await siteLogs(world, question.site, question.lines);
    case 'probe-run':
      return await world.runProbes(question);
  }
}

/** Relative to the home folder (see the image's apache.conf and php-fpm.conf). */
const SITE_LOGS = ['logs/access.log', 'logs/error.log', 'logs/php.log'] as const;
const LOG_BYTES_MAX = 2 * 1024 * 1024;
const LOG_TIME_MS = 10_000;

/**
 * The last lines of a site's logs. They lie in its home, where it may have put anything under those names: so they are
 * read inside, by the site itself.
 */
async function siteLogs(world: QuestionWorld, site: SiteId, lines: number): Promise<{ text: string }> {
  const output: Buffer[] = [];
  let bytes = 0;
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes <= LOG_BYTES_MAX) output.push(chunk);
      done();
    },
  });
  const outcome = await world.visit({
    site,
    door: 'exec',
    command: { argv: ['tail', '-n', String(lines), '--', ...SITE_LOGS], env: {} },
    streams: { stdin: null, stdout, stderr: new PassThrough().resume() },
    signal: AbortSignal.timeout(LOG_TIME_MS),
  });
  if (outcome.kind !== 'exited') throw new HofjeError('site.logs', `The logs could not be read: ${outcome.kind}.`);
  return { text: Buffer.concat(output).toString('utf8') };
}
