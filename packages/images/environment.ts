import { DEBIAN_MIRROR, type DebianMirror } from './debian.ts';

/** What the environment says about building images. Pure. */
export function environmentOptions(environment: Readonly<Record<string, string | undefined>>): {
  readonly cache: string;
  readonly mirror: DebianMirror;
  readonly proxies: Readonly<Record<string, string>>;
} {
  const { HOFJE_CACHE, HOFJE_DEBIAN_MIRROR, HOFJE_DEBIAN_SECURITY_MIRROR } = environment;
  const proxies: Record<string, string> = {};
  for (const scheme of ['http', 'https']) {
    const url = environment[`${scheme}_proxy`];
    if (url) proxies[scheme] = url;
  }
  return {
    cache: HOFJE_CACHE ?? '/var/cache/hofje',
    mirror: {
      main: HOFJE_DEBIAN_MIRROR ?? DEBIAN_MIRROR.main,
      security: HOFJE_DEBIAN_SECURITY_MIRROR ?? DEBIAN_MIRROR.security,
    },
    proxies,
  };
}
