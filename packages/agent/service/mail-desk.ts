import { randomUUID } from 'node:crypto';
import type { RunResult } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { ServiceInstance } from '../container/instance.ts';
import type { Runtime } from '../container/runtime.ts';
import { messageOf, type PlatformMail } from '../mail/platform-mail.ts';
import { execInMail } from './exec-in-service.ts';
import { parseQueue, type QueuedMessage } from './mail-queue.ts';

const EXIM = '/usr/sbin/exim4';
/** In the mail image: asks for something and does not wait for it. */
const ORDER = '/usr/lib/hofje/mail/order';

export interface MailDeskParts {
  readonly runtime: Runtime;
  /** A folder of root's own, for files that exist while a program runs. */
  readonly work: string;
  /** The mail service that runs now. */
  readonly running: () => ServiceInstance | undefined;
}

/** What the agent asks of the running mail service. All but `order` throw `mail.absent` when none runs. */
export class MailDesk {
  readonly #parts: MailDeskParts;

  constructor(parts: MailDeskParts) {
    this.#parts = parts;
  }

  async queue(): Promise<readonly QueuedMessage[]> {
    return parseQueue((await this.#exim(['-bp'])).stdout);
  }

  async show(message: string): Promise<{ readonly headers: string; readonly log: string }> {
    const headers = await this.#exim(['-Mvh', message]);
    const log = await this.#exim(['-Mvl', message], [0, 1]);
    return { headers: headers.stdout, log: log.stdout };
  }

  /** Puts a mail of the platform into the queue, and has its delivery begun. */
  async send(mail: PlatformMail): Promise<void> {
    const text = messageOf(mail, randomUUID(), new Date());
    await this.#exim(['-odq', '-oi', '-f', mail.from, '--', mail.to], [0], text);
    // It is safe in the queue. Delivery begins at once, by a process that does not end with this call.
    for (const { id, sender, recipients } of await this.queue()) {
      if (sender === mail.from && recipients.includes(mail.to)) await this.order('deliver', id);
    }
  }

  /** `deliver`: one message, or all that wait. Does nothing when no mail service runs. */
  async order(what: 'reload' | 'deliver', message?: string): Promise<void> {
    const plan = this.#parts.running();
    if (plan?.kind !== 'mail') return;
    const { runtime, work } = this.#parts;
    await execInMail(runtime, plan, work, [ORDER, what, ...(message === undefined ? [] : [message])]);
  }

  async #exim(args: readonly string[], accept?: readonly number[], input?: string): Promise<RunResult> {
    const plan = this.#parts.running();
    if (plan?.kind !== 'mail') throw new HofjeError('mail.absent', 'The mail service does not run at the moment.');
    const { runtime, work } = this.#parts;
    return await execInMail(runtime, plan, work, [EXIM, ...args], accept, input);
  }
}
