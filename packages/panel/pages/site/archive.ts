import type { Input } from '../../api/routes.ts';

type Format = Input<'POST /v1/sites/:site/upload'>['body']['format'];

/** How an archive is packed, by its name; undefined for what is none that can be unpacked. Pure. */
export function archiveFormat(name: string): Format | undefined {
  if (/\.zip$/i.test(name)) return 'zip';
  if (/\.(tar\.gz|tgz)$/i.test(name)) return 'tar.gz';
  return undefined;
}
