import type { Me } from '#contract/api/session.ts';
import { useFormats } from '../text/formats.ts';
import { useTexts } from '../text/useTexts.tsx';
import { frameTexts } from './texts.ts';

/** Marks every page while another's account is looked into. */
export function SupportBand({ support }: { readonly support: NonNullable<Me['support']> }) {
  const say = useTexts(frameTexts);
  const { time } = useFormats();
  const { accountName: account, reason, expiresAt, writes } = support;
  return (
    <aside className="support-band">
      {say('support', { account, reason, until: time(expiresAt) })} {writes ? null : say('supportReading')}
    </aside>
  );
}
