import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import type { Context } from '../context.ts';

/** A mail of the platform's own, to one person. */
export interface PlatformMail {
  readonly to: string;
  /** One line. */
  readonly subject: string;
  /** Plain text; lines end with a line feed. */
  readonly text: string;
}

/**
 * Hands a mail to a node's mail service, which delivers it like any other: the node on which the recipient's domain lies
 * first, then the others. Throws `mail.not-sent` when none could take it.
 */
export async function sendPlatformMail(context: Context, mail: PlatformMail): Promise<void> {
  const from = context.config.mailSender;
  for (const node of await nodesFor(context, mail.to)) {
    const id = `mail/${context.random(8).toString('hex')}`;
    try {
      await context.links.ask(node, { ask: 'mail-send', from, ...mail }, id);
      context.log.info({ event: 'mail.sent', node, question: id });
      return;
    } catch (err) {
      context.log.warn({ event: 'mail.node-failed', node, question: id, err });
    }
  }
  throw new HofjeError('mail.not-sent', 'No node could send the mail now.', { hint: 'Give the link in another way.' });
}

async function nodesFor(context: Context, to: string): Promise<NodeId[]> {
  const domain = to.slice(to.lastIndexOf('@') + 1);
  const nodes = await context.db
    .selectFrom('node')
    .select(['node.id'])
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('domain')
          .select('domain.id')
          .whereRef('domain.node_id', '=', 'node.id')
          .where('domain.name', '=', domain)
          .where('domain.established_at', 'is not', null)
          .where('domain.deleted_at', 'is', null),
      ).as('local'),
    )
    .where('enrolled_at', 'is not', null)
    .orderBy('local', 'desc')
    .orderBy('name')
    .execute();
  return nodes.map(({ id }) => id);
}
