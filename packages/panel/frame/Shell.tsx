import { useQueryClient } from '@tanstack/react-query';
import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { startLive, useLiveState } from '../api/live.ts';
import { meQuestion, useMe } from '../api/session.ts';
import { Toasts } from '../parts/Toasts.tsx';
import { useTexts } from '../text/useTexts.tsx';
import { BottomBar } from './BottomBar.tsx';
import { PaletteKeeper } from './PaletteKeeper.tsx';
import { ProofKeeper } from './ProofKeeper.tsx';
import { SideBar } from './SideBar.tsx';
import { SupportBand } from './SupportBand.tsx';
import { frameTexts } from './texts.ts';
import './shell.css';

/** Everything around a page: where one can go, who one is, what happens meanwhile. */
export function Shell() {
  const say = useTexts(frameTexts);
  const client = useQueryClient();
  const router = useRouter();
  const me = useMe();
  const live = useLiveState();

  // The user of a mailbox hears no hints: nothing of his changes by others.
  const hears = me.kind !== 'mailbox';
  useEffect(() => (hears ? startLive(client) : undefined), [client, hears]);
  // Whoever is logged out anywhere is led to the log-in, and back here afterwards.
  useEffect(
    () =>
      client.getQueryCache().subscribe(({ query }) => {
        if (query.queryKey[0] === meQuestion.queryKey[0] && query.state.data === null) void router.invalidate();
      }),
    [client, router],
  );

  return (
    <div className="shell">
      <a className="skip" href="#main">
        {say('skip')}
      </a>
      <SideBar me={me} />
      <div className="shell-body">
        {me.support === null ? null : <SupportBand support={me.support} />}
        <main className="shell-main" id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <BottomBar me={me} />
      <div className="shell-lost" role="status">
        {live === 'lost' ? <span>{say('lost')}</span> : null}
      </div>
      {me.kind === 'mailbox' ? null : <PaletteKeeper me={me} />}
      <ProofKeeper />
      <Toasts label={say('messages')} />
    </div>
  );
}
