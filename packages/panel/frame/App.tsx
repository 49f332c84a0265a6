import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import type { makeRouter } from '../router.tsx';
import { localeOf } from '../text/formats.ts';
import { LanguageProvider } from '../text/useTexts.tsx';
import { noteMove } from './moves.ts';
import { useChosenLanguage, useTheme } from './settings.ts';

export interface AppProps {
  readonly client: QueryClient;
  readonly router: ReturnType<typeof makeRouter>;
}

/** Everything around the pages that is not seen: language, theme, what was read, where one is. */
export function App({ client, router }: AppProps) {
  const language = useChosenLanguage();
  const theme = useTheme();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  useEffect(
    () =>
      router.subscribe('onBeforeLoad', ({ fromLocation, pathChanged }) => {
        if (fromLocation !== undefined && pathChanged) noteMove();
      }),
    [router],
  );
  return (
    <QueryClientProvider client={client}>
      <I18nProvider locale={localeOf(language)}>
        <LanguageProvider language={language}>
          <RouterProvider router={router} />
        </LanguageProvider>
      </I18nProvider>
    </QueryClientProvider>
  );
}
