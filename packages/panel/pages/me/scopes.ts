import type { Scope } from '#model/right/role.ts';
import { useTexts } from '../../text/useTexts.tsx';
import { tokenTexts } from './texts.ts';

/** What each scope lets a program do, in words. */
export function useScopes(): Readonly<Record<Scope, string>> {
  const say = useTexts(tokenTexts);
  return {
    read: say('scopeRead'),
    write: say('scopeWrite'),
    mail: say('scopeMail'),
    exec: say('scopeExec'),
    operator: say('scopeOperator'),
  };
}
