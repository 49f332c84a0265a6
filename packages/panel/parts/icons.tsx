import type { ReactNode } from 'react';
import './icons.css';

/** Drawn for a square of 20, with a line of 1.5: of one hand. They say nothing by themselves; the text beside them does. */
const DRAWINGS = {
  house: <path d="M3.5 17V8.5L10 3l6.5 5.5V17zM8 17v-4.5h4V17" />,
  houses: <path d="M2 17V9.5L5 6l3 3.5V17zM8 17V7l3.5-4L15 7v10zM15 17v-6.5l1-1.2 2 2.4V17z" />,
  mail: <path d="M2.5 5h15v10.5h-15zM2.5 5.5l7.5 6 7.5-6" />,
  people: (
    <path d="M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c0-3 2.4-4.7 5.5-4.7s5.5 1.7 5.5 4.7M13 4a2.8 2.8 0 0 1 0 5.4M15 12.3c1.9.7 3 2.2 3 4.2" />
  ),
  person: <path d="M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.8 17c.3-3.3 2.9-5 6.2-5s5.9 1.7 6.2 5" />,
  shield: <path d="M10 2.5l6 2.2v4.8c0 3.9-2.5 6.6-6 8-3.5-1.4-6-4.1-6-8V4.7zM7.3 9.8l2 2 3.5-3.8" />,
  key: <path d="M6.8 14.8a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8zM9.3 9l6.9-6.2M13 5.7l2.2 2.3" />,
  list: <path d="M7 5.5h10M7 10h10M7 14.5h10M3.3 5.5h.1M3.3 10h.1M3.3 14.5h.1" />,
  layers: <path d="M10 3l7 3.7-7 3.7-7-3.7zM3.5 10.2L10 13.7l6.5-3.5M3.5 13.5L10 17l6.5-3.5" />,
  server: <path d="M3 3.5h14v5H3zM3 11.5h14v5H3zM6 6h.1M6 14h.1" />,
  search: <path d="M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4" />,
  menu: <path d="M3 6h14M3 10h14M3 14h14" />,
  plus: <path d="M10 4v12M4 10h12" />,
  check: <path d="M4 10.5l4 4 8-9" />,
  close: <path d="M5 5l10 10M15 5L5 15" />,
  copy: <path d="M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7" />,
  eye: (
    <path d="M1.8 10S4.8 4.8 10 4.8 18.2 10 18.2 10 15.2 15.2 10 15.2 1.8 10 1.8 10zM10 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z" />
  ),
  eyeClosed: (
    <path d="M3 3l14 14M8 5c.6-.1 1.3-.2 2-.2 5.2 0 8.2 5.2 8.2 5.2a14 14 0 0 1-2.5 3M5.3 6.5A14 14 0 0 0 1.8 10S4.8 15.2 10 15.2c1.6 0 3-.5 4.2-1.2" />
  ),
  dice: <path d="M3.5 3.5h13v13h-13zM7 7h.1M13 7h.1M10 10h.1M7 13h.1M13 13h.1" />,
  chevronDown: <path d="M5 7.5l5 5 5-5" />,
  chevronRight: <path d="M7.5 5l5 5-5 5" />,
  upload: <path d="M10 13V3.5M6 7.5l4-4 4 4M3.5 13v3.5h13V13" />,
  globe: (
    <path d="M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM2.5 10h15M10 2.5c2 2 3 4.7 3 7.5s-1 5.5-3 7.5c-2-2-3-4.7-3-7.5s1-5.5 3-7.5z" />
  ),
  warning: <path d="M10 3l7.5 13.5h-15zM10 8v4M10 14.2h.1" />,
  outside: <path d="M8 4H4v12h12v-4M11.5 3.5h5v5M16.5 3.5L9.5 10.5" />,
  leave: <path d="M8 3.5H3.5v13H8M12.5 6l4 4-4 4M16.5 10H7.5" />,
  forward: <path d="M3 15.5v-2a4 4 0 0 1 4-4h9.5M12.5 5.5l4 4-4 4" />,
  trash: <path d="M3.5 5.5h13M8 5.5V3.5h4v2M5 5.5l.8 11h8.4l.8-11" />,
  gauge: <path d="M3 14.5a7 7 0 1 1 14 0M10 14.5l3.5-5" />,
  moon: <path d="M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z" />,
  passkey: (
    <path d="M8 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 16.5c.2-3 2.4-4.7 5.5-4.7.9 0 1.7.1 2.4.4M14.8 12.3a2.3 2.3 0 1 0-1.3 0V18l1.5-1 -.8-1 .8-1-.4-.6z" />
  ),
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof DRAWINGS;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {DRAWINGS[name]}
    </svg>
  );
}

/** The sign of the house: three gables, two lit windows, a door. */
export function Sign({ size = 28 }: { readonly size?: number }) {
  return (
    <svg className="sign" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect className="sign-ground" width="32" height="32" rx="7" />
      <path
        className="sign-walls"
        d="M5 26V14l3.7-4.5L12.3 14v12zM12.3 26V10.5L16 6l3.7 4.5V26zM19.7 26V14l3.6-4.5L27 14v12z"
      />
      <path className="sign-ground" d="M14.4 26v-6.2a1.6 1.6 0 0 1 3.2 0V26z" />
      <path className="sign-lamp" d="M7.4 16.5h2.5v3.3H7.4zM22.1 16.5h2.5v3.3h-2.5z" />
    </svg>
  );
}
