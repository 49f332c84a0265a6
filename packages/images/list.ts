import type { ImageDigest } from '#model/node/desired.ts';
import { imageFolders } from './folders.ts';
import { BUILT_ANNOTATION, KIND_ANNOTATION, LOCK_TYPE, PACKAGES_ANNOTATION } from './image.ts';
import { ImageLayout } from './layout.ts';

export interface ImageSummary {
  readonly kind: string;
  readonly digest: ImageDigest;
  /** When this machine built it. */
  readonly built: string;
  readonly packages: number;
  /** Bytes of all layers, shared ones included. */
  readonly size: number;
}

/** The images of a cache, oldest first; several of one kind are several versions of it. */
export async function listImages(cache: string): Promise<ImageSummary[]> {
  const layout = new ImageLayout(imageFolders(cache).layout);
  const images: ImageSummary[] = [];
  for (const { digest, annotations, artifactType } of await layout.manifests()) {
    const kind = annotations?.[KIND_ANNOTATION];
    if (artifactType !== undefined || kind === undefined) continue;
    const manifest = await layout.readManifest(digest);
    images.push({
      kind,
      digest,
      built: annotations?.[BUILT_ANNOTATION] ?? '',
      packages: Number(manifest.annotations?.[PACKAGES_ANNOTATION] ?? 0),
      size: manifest.layers.reduce((sum, { size }) => sum + size, 0),
    });
  }
  return images;
}

/** The lock that was recorded for an image: `name=version=architecture` a line; null when none was. */
export async function readLock(layout: ImageLayout, image: ImageDigest): Promise<string | null> {
  return await readDocument(layout, image, LOCK_TYPE);
}

/** A document that is attached to an image: its lock, SBOM (CycloneDX), later its signature. */
export async function readDocument(layout: ImageLayout, image: ImageDigest, type: string): Promise<string | null> {
  for (const { digest, artifactType } of await layout.manifests()) {
    if (artifactType !== type) continue;
    const manifest = await layout.readManifest(digest);
    const document = manifest.layers[0];
    if (manifest.subject?.digest === image && document !== undefined) {
      return (await layout.readBlob(document.digest)).toString('utf8');
    }
  }
  return null;
}
