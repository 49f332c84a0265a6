import type { Answer } from '../api/routes.ts';
import { defineTexts, type Entry } from '../text/define.ts';
import { useTexts } from '../text/useTexts.tsx';
import './site-state.css';

export type ShownState = Answer<'GET /v1/sites/:site'>['state'];

const texts = defineTexts('site-state', {
  running: { en: 'Awake', nl: 'Wakker' },
  asleep: { en: 'Asleep', nl: 'Slaapt' },
  starting: { en: 'Waking up', nl: 'Wordt wakker' },
  suspended: { en: 'Suspended', nl: 'Opgeschort' },
  failed: { en: 'Cannot start', nl: 'Start niet' },
  unknown: { en: 'Being built', nl: 'In aanbouw' },
  deleted: { en: 'Deleted', nl: 'Verwijderd' },
} satisfies Record<ShownState, Entry>);

/** A small house: a lamp burns behind its window when somebody is home. */
export function SiteHouse({ state, size = 32 }: { readonly state: ShownState; readonly size?: number }) {
  return (
    <svg className="site-house" data-state={state} viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path className="site-house-wall" d="M3.5 21.5v-11h2V8h2V5.5h2.5V3h4v2.5h2.5V8h2v2.5h2v11z" />
      <path className="site-house-window" d="M6.5 12h3.5v4.5H6.5z" />
      <path className="site-house-door" d="M13.5 21.5V14.2a1.9 1.9 0 0 1 3.8 0v7.3z" />
    </svg>
  );
}

/** The state of a site in a word. */
export function SiteState({ state }: { readonly state: ShownState }) {
  const say = useTexts(texts);
  return (
    <span className="site-state" data-state={state}>
      {say(state)}
    </span>
  );
}
