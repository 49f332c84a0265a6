import { listImages, registerImage } from '#contract/api/image.ts';
import { type BuiltImage, buildImages } from '#images/build.ts';
import type { Client } from '../api/client.ts';
import type { Detail } from '../progress/progress.ts';

/** The images that every node and site of a new installation stands on. */
export const IMAGE_KINDS = ['edge', 'mail', 'site-php8.2'] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

export type Images = Readonly<Record<ImageKind, BuiltImage>>;

/** Builds what is not in the cache yet, side by side. */
export async function ensureImages(cache: string, detail: Detail): Promise<Images> {
  const built = await buildImages({
    kinds: IMAGE_KINDS,
    cache,
    proxies: proxiesOf(process.env),
    onProgress: ({ kind, layer, step }) => detail(`${kind}: ${layer}, ${step}`),
  });
  const of = (kind: ImageKind): BuiltImage => {
    const image = built[kind];
    if (image === undefined) throw new Error(`no image of kind ${kind} was built`);
    return image;
  };
  return { edge: of('edge'), mail: of('mail'), 'site-php8.2': of('site-php8.2') };
}

/** Makes the images known to the control plane, as what new sites and nodes get. */
export async function registerImages(client: Client, images: Images): Promise<void> {
  const known = (await client.call(listImages, {})).items;
  for (const kind of IMAGE_KINDS) {
    const { digest, lock } = images[kind];
    if (known.some((image) => image.digest === digest && image.current)) continue;
    await client.call(registerImage, { body: { digest, kind, lock: lockTable(lock), current: true } });
  }
}

/** `name=version=architecture` lines as a table of name to version. Pure. */
export function lockTable(lock: string): Record<string, string> {
  const rows = lock.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(rows.map((row) => row.split('=')).map(([name = '', version = '']) => [name, version]));
}

function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const schemes = ['http', 'https'];
  return Object.fromEntries(
    schemes.flatMap((scheme) => {
      const url = environment[`${scheme}_proxy`];
      return url ? [[scheme, url] as const] : [];
    }),
  );
}
