import { useRouteContext, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { Autocomplete, useFilter } from 'react-aria-components/Autocomplete';
import { Dialog } from 'react-aria-components/Dialog';
import { Input } from 'react-aria-components/Input';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { SearchField } from 'react-aria-components/SearchField';
import type { Me } from '#contract/api/session.ts';
import { Icon } from '../parts/icons.tsx';
import { useLanguage, useTexts } from '../text/useTexts.tsx';
import { setPaletteOpen } from './palette-state.ts';
import { entriesFor } from './registry.ts';
import { type Found, useSearched } from './searched.ts';
import { frameTexts } from './texts.ts';
import './palette.css';

/** Goes anywhere by typing: every place, every command, every object by its name. */
export function Palette({ me }: { readonly me: Me }) {
  const say = useTexts(frameTexts);
  const language = useLanguage();
  const router = useRouter();
  const { navigation, commands } = useRouteContext({ from: '__root__' });
  const { contains } = useFilter({ sensitivity: 'base' });
  const [typed, setTyped] = useState('');
  const searched = useSearched(typed);
  const offers: readonly Found[] = [
    ...entriesFor(navigation, me).map(({ to, icon, label }) => ({
      id: to,
      to,
      icon,
      text: label(language),
      note: '',
      words: '',
    })),
    ...entriesFor(commands, me).map(({ id, to, icon, label, keywords = '' }) => ({
      id,
      to,
      icon,
      text: label(language),
      note: '',
      words: keywords,
    })),
  ].filter(({ text, words }) => contains(`${text} ${words}`, typed));
  const all = [...offers, ...searched];
  const go = (id: string) => {
    const offer = all.find((each) => each.id === id);
    setPaletteOpen(false);
    if (offer !== undefined) router.history.push(offer.to);
  };
  return (
    <ModalOverlay className="veil" isDismissable isOpen onOpenChange={setPaletteOpen}>
      <Modal className="palette">
        <Dialog className="palette-words" aria-label={say('search')}>
          <Autocomplete inputValue={typed} onInputChange={setTyped}>
            <SearchField className="palette-field" aria-label={say('search')} autoFocus>
              <Icon name="search" />
              <Input className="palette-input" placeholder={say('searchHint')} />
            </SearchField>
            <Menu
              className="palette-list"
              aria-label={say('search')}
              items={all}
              onAction={(key) => go(String(key))}
              renderEmptyState={() => <p className="palette-empty soft">{say('nothingFound')}</p>}
            >
              {({ id, icon, text, note }: Found) => (
                <MenuItem id={id} className="palette-item" textValue={text}>
                  <Icon name={icon} size={18} />
                  <span className="palette-text">{text}</span>
                  {note === '' ? null : <span className="palette-note small">{note}</span>}
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
