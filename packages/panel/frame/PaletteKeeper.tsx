import { lazy, Suspense, useEffect } from 'react';
import type { Me } from '#contract/api/session.ts';
import { setPaletteOpen, usePaletteOpen } from './palette-state.ts';

const Palette = lazy(async () => ({ default: (await import('./Palette.tsx')).Palette }));

/** Listens for Ctrl-K (Cmd-K); the palette itself is fetched when it is first wanted. */
export function PaletteKeeper({ me }: { readonly me: Me }) {
  const isOpen = usePaletteOpen();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setPaletteOpen(true);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <Palette me={me} />
    </Suspense>
  );
}
