import { join } from 'node:path';

/** Where images and the makings of images lie in the cache. Pure: nothing is created here. */
export function imageFolders(cache: string) {
  const build = join(cache, 'build');
  return {
    /** The OCI image layout. */
    layout: join(cache, 'images'),
    /** Debian's package lists and packages, kept from build to build. */
    aptLists: join(cache, 'apt', 'lists'),
    aptArchives: join(cache, 'apt', 'archives'),
    /** A record per finished layer, named by the digest of its inputs. */
    layers: join(build, 'layers'),
    /** The unpacked difference of each layer, which later layers are laid over. */
    trees: join(build, 'trees'),
    work: join(build, 'work'),
    locks: join(build, 'locks'),
    log: join(build, 'log'),
  } as const;
}

export type ImageFolders = ReturnType<typeof imageFolders>;
