import { join, resolve } from 'node:path';
import { HofjeError } from '#model/error.ts';

export const DEFAULT_STATE = '/var/lib/hofje';
export const DEFAULT_CACHE = '/var/cache/hofje';

/**
 * The longest path below a state folder that must fit into the address of a Unix socket (unix(7): 108 bytes with the
 * final NUL): a site's submission socket.
 */
const LONGEST_SOCKET = '/nodes/node1/run/gate/site/site_01234567890123456789/submission.sock';
const SOCKET_PATH_MAX = 107;

/** Letters that need no quoting anywhere: the path appears in scripts, configuration files and mount tables. */
const PLAIN_PATH = /^(\/[A-Za-z0-9._-]+)+$/;

/** Where the things of one installation lie. Pure: nothing is created here. */
export function stateFolders(root: string) {
  const nodes = join(root, 'nodes');
  const supervise = join(root, 'supervise');
  const control = join(root, 'control');
  return {
    root,
    installation: join(root, 'installation.json'),
    lock: join(root, 'lock'),
    secrets: join(root, 'secrets'),
    operatorToken: join(root, 'secrets', 'operator-token'),
    /** Good for the control plane's `/metrics` alone. */
    metricsToken: join(root, 'secrets', 'metrics-token'),
    databasePassword: join(root, 'secrets', 'database-password'),
    /** Connection of a database elsewhere, when the operator named one. */
    databaseUrl: join(root, 'secrets', 'database-url'),
    /** The control plane's own: configuration, authority, keys. */
    control,
    controlConfig: join(control, 'config.json'),
    /** The authorities' keys and certificates, the control plane's alone. */
    pki: join(control, 'pki'),
    /** Certificate of the platform's own authority, PEM. */
    authority: join(control, 'pki', 'ca.cert.pem'),
    /** Certificate of the authority of sites that have no certificate of their own, PEM. */
    siteAuthority: join(control, 'pki', 'site-ca.cert.pem'),
    postgres: join(root, 'postgres'),
    /** Socket of the private database server. */
    postgresSocket: join(root, 'run', 'postgres'),
    run: join(root, 'run'),
    /** s6 scan directory. */
    supervise,
    log: join(root, 'log'),
    /** Mount points of the program and of Node.js in the private mount namespaces of unprivileged processes. */
    program: join(root, 'program'),
    /** Where the control plane sees the built panel, likewise. */
    panel: join(root, 'program', 'panel'),
    nodes,
    node: (name: string) => join(nodes, name),
  } as const;
}

export type StateFolders = ReturnType<typeof stateFolders>;

/** The state folder as the environment names it, checked. Throws `platform.state-path`. */
export function statePath(environment: Readonly<Record<string, string | undefined>>): string {
  const wanted = environment['HOFJE_STATE'] || DEFAULT_STATE;
  const root = resolve(wanted);
  const longest = SOCKET_PATH_MAX - LONGEST_SOCKET.length;
  if (!PLAIN_PATH.test(root)) {
    throw new HofjeError('platform.state-path', `${wanted} cannot be the state folder`, {
      field: 'HOFJE_STATE',
      hint: 'Its path may hold letters, digits, dot, dash and underscore only, and cannot be the root folder.',
    });
  }
  if (root.length > longest) {
    throw new HofjeError('platform.state-path', `${root} is too long for a state folder`, {
      field: 'HOFJE_STATE',
      hint: `Unix sockets lie below it: ${longest} characters at most, this one has ${root.length}.`,
    });
  }
  return root;
}

export function cachePath(environment: Readonly<Record<string, string | undefined>>): string {
  const root = resolve(environment['HOFJE_CACHE'] || DEFAULT_CACHE);
  if (PLAIN_PATH.test(root)) return root;
  throw new HofjeError('platform.cache-path', `${root} cannot be the cache folder`, {
    field: 'HOFJE_CACHE',
    hint: 'Its path may hold letters, digits, dot, dash and underscore only, and cannot be the root folder.',
  });
}
