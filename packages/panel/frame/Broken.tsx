import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { Button } from '../parts/Button.tsx';
import { common } from '../text/common.ts';
import { defineTexts } from '../text/define.ts';
import { problems, problemText } from '../text/problems.ts';
import { useTexts } from '../text/useTexts.tsx';
import { Page } from './Page.tsx';

const texts = defineTexts('broken', {
  title: { en: 'That did not work', nl: 'Dat ging niet' },
});

/** What is shown instead of a page that failed. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const say = useTexts(texts);
  const sayCommon = useTexts(common);
  const sayProblem = useTexts(problems);
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Page title={say('title')}>
      <p>{problemText(sayProblem, error)}</p>
      <div>
        <Button onPress={again}>{sayCommon('retry')}</Button>
      </div>
    </Page>
  );
}
