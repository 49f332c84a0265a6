import type { Me } from '#contract/api/session.ts';
import type { Language } from '#model/right/role.ts';
import type { IconName } from '../parts/icons.tsx';

/** A place in the navigation. Each folder of pages names its own in its routes.ts. */
export interface NavigationEntry {
  readonly to: string;
  readonly icon: IconName;
  /** Its words, in a language. */
  readonly label: (language: Language) => string;
  /** What it stands among: one's own things, or those of who runs the platform. */
  readonly section: 'own' | 'operator';
  /** For whom it is there; everybody where absent. */
  readonly isFor?: (me: Me) => boolean;
}

/** Something that the command palette offers besides the navigation. */
export interface Command {
  readonly id: string;
  readonly icon: IconName;
  readonly label: (language: Language) => string;
  /** Words by which it is found, too. */
  readonly keywords?: string;
  readonly isFor?: (me: Me) => boolean;
  /** Where it leads. */
  readonly to: string;
}

/** Whether somebody runs the installation, or has a part in that. Pure. */
export function isOperator(me: Me): boolean {
  return me.person !== null && me.person.operatorRole !== null;
}

/** What is there for this person. The user of a mailbox has one page and no way to another. Pure. */
export function entriesFor<T extends { readonly isFor?: (me: Me) => boolean }>(entries: readonly T[], me: Me): T[] {
  if (me.kind === 'mailbox') return [];
  return entries.filter((entry) => entry.isFor?.(me) ?? true);
}
