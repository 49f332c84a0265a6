import type { AccountRole } from '#model/right/role.ts';
import { useList } from '../../api/query.ts';
import { Select } from '../../parts/Choices.tsx';
import { Picks } from '../../parts/Picks.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { peopleTexts } from './texts.ts';

interface RoleFieldsProps {
  readonly account: string;
  readonly role: AccountRole;
  onRole(role: AccountRole): void;
  readonly sites: readonly string[];
  onSites(sites: readonly string[]): void;
  readonly error: string | undefined;
}

const HINTS = { owner: 'ownerText', collaborator: 'collaboratorText', reader: 'readerText' } as const;

/** What somebody is to an account, and for a collaborator on which sites. */
export function RoleFields({ account, role, onRole, sites, onSites, error }: RoleFieldsProps) {
  const say = useTexts(peopleTexts);
  const list = useList('GET /v1/sites', {});
  const own = (list.items ?? []).filter((site) => site.account === account && site.state !== 'deleted');
  return (
    <>
      <Select
        label={say('role')}
        hint={say(HINTS[role])}
        value={role}
        onChange={onRole}
        options={[
          { value: 'owner', text: say('owner') },
          { value: 'collaborator', text: say('collaborator') },
          { value: 'reader', text: say('reader') },
        ]}
      />
      {role === 'collaborator' ? (
        <Picks
          label={say('sites')}
          options={own.map(({ id, name }) => ({ value: id as string, text: name }))}
          chosen={sites}
          onChange={onSites}
          error={error}
        />
      ) : null}
    </>
  );
}
