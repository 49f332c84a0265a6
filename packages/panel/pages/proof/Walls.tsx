import { useState } from 'react';
import type { Theme } from '#model/probe/theme.ts';
import { Button } from '../../parts/Button.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Section } from '../../parts/Section.tsx';
import { useTexts } from '../../text/useTexts.tsx';
import { byTheme, countOf, type Wall as WallOf, worstTheme } from './summary.ts';
import { proofTexts } from './texts.ts';
import { Wall } from './Wall.tsx';
import { themeTexts } from './wall-texts.ts';

/** All walls by theme: at a glance, then those of one theme with their last facts, or all with all that is known. */
export function Walls({ walls }: { readonly walls: readonly WallOf[] }) {
  const say = useTexts(proofTexts);
  const sayTheme = useTexts(themeTexts);
  const [shown, setShown] = useState<Theme | 'all' | undefined>();
  const themes = byTheme(walls);
  const now = shown ?? worstTheme(walls);
  return (
    <section className="proof-walls" aria-label={say('lead')}>
      <div className="proof-themes">
        {themes.map(({ theme, walls: own }) => {
          const { open, closed, declared } = countOf(own);
          const isHeld = open === 0 && closed > 0;
          return (
            <button
              key={theme}
              type="button"
              className="proof-theme"
              data-held={isHeld}
              aria-pressed={now === theme}
              onClick={() => setShown(theme)}
            >
              <Icon name={isHeld ? 'check' : 'warning'} size={18} />
              <span className="proof-theme-name">{sayTheme(theme)}</span>
              <span className="small number">{say('ofTheme', { held: closed, all: own.length - declared })}</span>
            </button>
          );
        })}
      </div>
      <div className="proof-legend">
        <ul>
          <li className="small">
            <span className="proof-source" data-source="decoy">
              {say('decoy')}
            </span>{' '}
            {say('decoyText')}
          </li>
          <li className="small">
            <span className="proof-source" data-source="own">
              {say('own')}
            </span>{' '}
            {say('ownText')}
          </li>
        </ul>
        <Button onPress={() => setShown(now === 'all' ? undefined : 'all')}>
          {say(now === 'all' ? 'hideAll' : 'showAll')}
        </Button>
      </div>
      {themes
        .filter(({ theme }) => now === 'all' || now === theme)
        .map(({ theme, walls: own }) => (
          <Section key={theme} title={sayTheme(theme)} lead={say('cannot')}>
            <ul className="walls">
              {own.map((wall) => (
                <Wall key={`${wall.probe} ${now === 'all'}`} wall={wall} isOpen={now === 'all'} />
              ))}
            </ul>
          </Section>
        ))}
    </section>
  );
}
