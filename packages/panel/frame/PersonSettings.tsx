import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Me } from '#contract/api/session.ts';
import { useAct } from '../api/query.ts';
import { meQuestion } from '../api/session.ts';
import { Button } from '../parts/Button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Segments } from '../parts/Segments.tsx';
import { LANGUAGE_CHOICES } from '../text/language.ts';
import { useLanguage, useTexts } from '../text/useTexts.tsx';
import { setLanguage, setTheme, useTheme } from './settings.ts';
import { frameTexts } from './texts.ts';

/** What everybody is called who may come in: a person, a mailbox, the machine. Pure. */
export function nameOf(me: Me): string {
  return me.person?.name || me.person?.email || me.mailbox?.address || 'hofje';
}

/** Language, theme, the way out. */
export function PersonSettings({ me, onGo }: { readonly me: Me; readonly onGo: () => void }) {
  const say = useTexts(frameTexts);
  const language = useLanguage();
  const theme = useTheme();
  const client = useQueryClient();
  const logOut = useAct('DELETE /v1/session', []);
  const leave = () => {
    logOut.mutate({}, { onSuccess: () => client.setQueryData(meQuestion.queryKey, null) });
  };
  return (
    <div className="person-settings">
      <div>
        <strong>{nameOf(me)}</strong>
        {me.person === null ? null : <div className="small soft">{me.person.email}</div>}
      </div>
      {me.person === null ? null : (
        <Link to="/me" className="place" onClick={onGo}>
          <Icon name="person" />
          <span>{say('settings')}</span>
        </Link>
      )}
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
      <Button icon="leave" wide onPress={leave} isPending={logOut.isPending}>
        {say('logOut')}
      </Button>
    </div>
  );
}
