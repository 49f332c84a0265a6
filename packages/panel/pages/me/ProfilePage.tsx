import { type FormEvent, useState } from 'react';
import type { Language } from '#model/right/role.ts';
import { useAct, useAnswer } from '../../api/query.ts';
import type { Answer } from '../../api/routes.ts';
import { useMe } from '../../api/session.ts';
import { useTrouble } from '../../api/trouble.ts';
import { setLanguage, setTheme, useTheme } from '../../frame/settings.ts';
import { Fields } from '../../parts/Ask.tsx';
import { Button } from '../../parts/Button.tsx';
import { Select } from '../../parts/Choices.tsx';
import { Field } from '../../parts/Field.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Section } from '../../parts/Section.tsx';
import { Segments } from '../../parts/Segments.tsx';
import { tell } from '../../parts/Toasts.tsx';
import { Loaded } from '../../parts/Waiting.tsx';
import { common } from '../../text/common.ts';
import { LANGUAGE_CHOICES } from '../../text/language.ts';
import { useLanguage, useTexts } from '../../text/useTexts.tsx';
import { MePage } from './MePage.tsx';
import { meTexts } from './texts.ts';

type Person = Answer<'GET /v1/people/:person'>;

/** Who one is here, and how one likes it. */
export function ProfilePage() {
  const say = useTexts(meTexts);
  const me = useMe();
  return (
    <MePage title={say('profile')} lead={say('profileLead')}>
      <div className="me-columns">
        {me.person === null ? null : <Profile person={me.person.id} />}
        <Looks />
        <Section title={say('accounts')}>
          {me.memberships.length === 0 ? <p className="soft">{say('noAccounts')}</p> : null}
          <ul>
            {me.memberships.map(({ account, accountName, role }) => (
              <li key={account} className="me-row">
                <strong>{accountName}</strong>
                <span className="soft">{say(role)}</span>
              </li>
            ))}
          </ul>
        </Section>
      </div>
    </MePage>
  );
}

function Profile({ person }: { readonly person: string }) {
  const say = useTexts(meTexts);
  const answer = useAnswer('GET /v1/people/:person', { params: { person } });
  return (
    <Section title={say('you')}>
      <Loaded from={answer} lines={5}>
        {(data) => <ProfileForm person={data} />}
      </Loaded>
    </Section>
  );
}

function ProfileForm({ person }: { readonly person: Person }) {
  const say = useTexts(meTexts);
  const sayCommon = useTexts(common);
  const [name, setName] = useState(person.name);
  const [language, choose] = useState<Language>(person.language);
  const change = useAct('PATCH /v1/people/:person', ['/v1/people', '/v1/session']);
  const trouble = useTrouble(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { params: { person: person.id }, body: { name: name.trim(), language, version: person.version } },
      { onSuccess: () => tell({ text: say('saved') }) },
    );
  };
  const rest = trouble.besides('name', 'language');
  return (
    <form onSubmit={submit}>
      <Fields>
        {rest === undefined ? null : <Notice kind="wrong">{rest}</Notice>}
        <Field
          label={say('name')}
          error={trouble.at('name')}
          value={name}
          onChange={setName}
          name="name"
          autoComplete="name"
          isRequired
        />
        <Field label={say('email')} hint={say('emailHint')} value={person.email} isReadOnly />
        <Select label={say('mailLanguage')} value={language} onChange={choose} options={LANGUAGE_CHOICES} />
        <div>
          <Button
            type="submit"
            isPending={change.isPending}
            isDisabled={name.trim() === '' || (name.trim() === person.name && language === person.language)}
          >
            {sayCommon('save')}
          </Button>
        </div>
      </Fields>
    </form>
  );
}

function Looks() {
  const say = useTexts(meTexts);
  const language = useLanguage();
  const theme = useTheme();
  return (
    <Section title={say('looks')} lead={say('looksLead')}>
      <Segments
        label={say('theme')}
        value={theme}
        onChange={setTheme}
        options={[
          { value: 'system', text: say('system') },
          { value: 'light', text: say('light') },
          { value: 'dark', text: say('dark') },
        ]}
      />
      <Segments label={say('language')} value={language} onChange={setLanguage} options={LANGUAGE_CHOICES} />
    </Section>
  );
}
