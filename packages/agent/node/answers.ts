import type { CarriedOut } from '#contract/agent/messages.ts';
import type { WakeAnswer } from '#contract/gate/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { ForwarderId, SiteId } from '#model/id.ts';
import type { Visitor } from '../gateway/gateway.ts';
import type { QuestionWorld } from '../link/questions.ts';
import type { PipeRuns } from '../mail/pipe-runs.ts';
import type { MailDesk } from '../service/mail-desk.ts';
import type { SiteKeeper } from '../site/site-keeper.ts';

export interface AnswerParts {
  readonly mail: MailDesk;
  readonly sites: SiteKeeper;
  readonly pipeRuns: PipeRuns;
  readonly pipeVisitor: (forwarder: ForwarderId, env: Readonly<Record<string, string>>) => Visitor | undefined;
  readonly visit: QuestionWorld['visit'];
  readonly carriedOut: () => CarriedOut;
  /** Undefined: the question is refused. */
  readonly probes: QuestionWorld['runProbes'] | undefined;
}

/** What the node answers when it is asked, each part by those who know. */
export function questionWorld(parts: AnswerParts): QuestionWorld {
  const { mail, sites, pipeRuns, pipeVisitor, visit, carriedOut, probes } = parts;
  return {
    queueList: async () => ({ messages: await mail.queue() }),
    queueShow: async (message) => await mail.show(message),
    queueRetry: async (message) => await mail.order('deliver', message),
    sendMail: async (letter) => await mail.send(letter),
    pipeRuns: (forwarder) => pipeRuns.list(forwarder),
    testPipe: async ({ forwarder, env, message }) => {
      const visitor = pipeVisitor(forwarder, env);
      if (visitor === undefined) throw new HofjeError('pipe.unknown', 'The node does not know this pipe yet.');
      return await pipeRuns.test(forwarder, message, async (streams, signal) => {
        return await visit({ ...visitor, streams, signal });
      });
    },
    wakeSite: async (site) => ({ ...(await wakeSite(sites, site)), ...carriedOut() }),
    stopSite: async (site) => {
      await sites.actor(site)?.stop();
      return carriedOut();
    },
    visit,
    runProbes: async (selection) => {
      if (probes === undefined) throw new HofjeError('probe.absent', 'This node cannot run probes.');
      return await probes(selection);
    },
  };
}

/** Has a site awake for somebody who could not reach it. */
export async function wakeSite(sites: SiteKeeper, site: SiteId): Promise<WakeAnswer> {
  const actor = sites.wish(site) === undefined ? undefined : sites.actor(site);
  if (actor === undefined) return { awake: false, reason: 'no such site lives here', retryAfterSeconds: 60 };
  const answer = await actor.wake(true);
  if (answer.awake) return { awake: true };
  return { awake: false, reason: answer.reason, retryAfterSeconds: answer.retryAfterSeconds };
}
