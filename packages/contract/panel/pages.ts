/**
 * Where the panel's pages are, as the control plane's routes write them. It answers these with the panel; all else that is
 * neither the API nor a file stays unknown. A page's route in the panel must stand here, too; a test compares the two.
 */
export const PAGES = [
  '/',
  '/login',
  '/welcome',
  '/reset',
  '/invitation',
  '/sites/:site',
  '/sites/:site/proof',
  '/mail',
  '/mail/:domain',
  '/mailboxes/:mailbox',
  '/forwarders/:forwarder',
  '/mailbox',
  '/people',
  '/activity',
  '/me',
  '/me/security',
  '/me/tokens',
  '/sites',
  '/nodes',
  '/nodes/:node',
  '/accounts',
  '/accounts/:account',
  '/images',
  '/queue',
  '/probes',
  '/audit',
] as const;

/** Folder of the files whose names change with their contents. */
export const ASSETS = '/assets';
