/**
 * Where the panel's pages are, as the control plane's routes write them. It answers these with the panel; all else that is
 * neither the API nor a file stays unknown. A page's route in the panel must stand here, too; a test compares the two.
 */
export const PAGES = [
  '/',
  '/login',
  '/welcome',
  '/reset',
  '/reset/new',
  '/invitation',
  '/sites/:site',
] as const satisfies readonly `/${string}`[];

export type PagePath = (typeof PAGES)[number];

/** Pages that links in mails and on terminals lead to. The secret stands behind a `#`: no server and no log sees it. */
export const LINK_PAGES = {
  /** Lets its holder in once: the first log-in, and `hofje login-link`. */
  login: '/welcome',
  reset: '/reset/new',
  invitation: '/invitation',
} as const satisfies Record<string, PagePath>;

/** Folder of the files whose names change with their contents. */
export const ASSETS = '/assets';
