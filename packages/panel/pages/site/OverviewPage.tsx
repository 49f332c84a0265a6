import { Page } from '../../frame/Page.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { siteTexts } from './texts.ts';

export function OverviewPage() {
  const say = useTexts(siteTexts);
  return <Page title={say('sites')}>…</Page>;
}
