import { Button } from 'react-aria-components/Button';
import { useLanguage } from '../text/useTexts.tsx';
import { setLanguage } from './settings.ts';

/** The other language, in its own words: whoever looks for it does not read the present one. */
export function LanguageSwitch() {
  const other = useLanguage() === 'nl' ? 'en' : 'nl';
  return (
    <Button className="button button-plain" onPress={() => setLanguage(other)}>
      <span lang={other}>{other === 'nl' ? 'Nederlands' : 'English'}</span>
    </Button>
  );
}
