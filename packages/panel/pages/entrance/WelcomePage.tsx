import { Link } from '@tanstack/react-router';
import { useAct } from '../../api/query.ts';
import { useTrouble } from '../../api/trouble.ts';
import { Page } from '../../frame/Page.tsx';
import { useLinkSecret } from '../../frame/secret.ts';
import { Button } from '../../parts/Button.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { entranceTexts } from './texts.ts';
import { useEntering } from './useEntering.ts';

/** Behind a one-time link. A press goes in: who merely fetches links, as mail scanners do, uses none up. */
export function WelcomePage() {
  const say = useTexts(entranceTexts);
  const secret = useLinkSecret();
  const goIn = useEntering();
  const use = useAct('POST /v1/session/link', []);
  const trouble = useTrouble(use.error).besides();
  const enter = () =>
    use.mutate({ body: { token: secret } }, { onSuccess: ({ me }) => (me === null ? undefined : goIn(me)) });
  return (
    <Page title={say('welcomeTitle')} lead={say('welcomeLead')}>
      {trouble === undefined ? null : <Notice kind="wrong">{trouble}</Notice>}
      {secret === '' ? <Notice kind="watch">{say('linkMissing')}</Notice> : null}
      <Button kind="main" wide autoFocus onPress={enter} isPending={use.isPending} isDisabled={secret === ''}>
        {say('enter')}
      </Button>
      <p className="entrance-foot">
        <Link to="/login">{say('toLogin')}</Link>
      </p>
    </Page>
  );
}
