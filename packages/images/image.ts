import type { ImageDigest } from '#model/node/desired.ts';
import { canonicalJson } from './digest.ts';
import { CONFIG_TYPE, type Descriptor, type ImageLayout, MANIFEST_TYPE, type Manifest } from './layout.ts';
import { formatLock, type LockedPackage } from './lock.ts';
import type { RecipeProcess } from './recipe.ts';
import { formatSbom, SBOM_TYPE } from './sbom.ts';

/** Annotations of an image's manifest: part of its digest, so they hold nothing but what follows from its content. */
export const KIND_ANNOTATION = 'dev.hofje.kind';
export const PACKAGES_ANNOTATION = 'dev.hofje.packages';
/** In the index only: when this machine built it. */
export const BUILT_ANNOTATION = 'dev.hofje.built';
const REFERENCE_ANNOTATION = 'org.opencontainers.image.ref.name';
const CREATED_ANNOTATION = 'org.opencontainers.image.created';

export const LOCK_TYPE = 'application/vnd.hofje.lock.v1';

export interface ImageContent {
  readonly kind: string;
  readonly architecture: string;
  readonly suite: string;
  readonly layers: readonly Descriptor[];
  /** Seconds since 1970 of the newest file. */
  readonly newest: number;
  readonly packages: readonly LockedPackage[];
  readonly process: RecipeProcess | null;
}

/** Writes configuration, manifest, lock and SBOM of an image and enters them in the index. Returns the manifest's digest. */
export async function assembleImage(layout: ImageLayout, content: ImageContent, now: Date): Promise<ImageDigest> {
  const config = await layout.putBlob(CONFIG_TYPE, canonicalJson(imageConfig(content)));
  const manifest = await layout.putManifest({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config,
    layers: content.layers,
    annotations: {
      [KIND_ANNOTATION]: content.kind,
      [PACKAGES_ANNOTATION]: String(content.packages.length),
      [CREATED_ANNOTATION]: createdAt(content),
    },
  });
  const image: Descriptor = {
    ...manifest,
    platform: { os: 'linux', architecture: content.architecture },
    annotations: {
      [KIND_ANNOTATION]: content.kind,
      [BUILT_ANNOTATION]: now.toISOString(),
      [REFERENCE_ANNOTATION]: `${content.kind}-${manifest.digest.slice(7, 19)}`,
    },
  };
  const lock = await attach(layout, manifest, LOCK_TYPE, 'text/plain', formatLock(content.packages));
  const sbom = formatSbom(content.kind, content.suite, content.packages);
  await layout.register([image, lock, await attach(layout, manifest, SBOM_TYPE, SBOM_TYPE, sbom)]);
  return manifest.digest;
}

/**
 * Stores a document about an image as an OCI artifact whose subject is the image (image-spec 1.1): lock and SBOM now,
 * signatures the same way, without changing the image's digest.
 */
export async function attach(
  layout: ImageLayout,
  subject: Descriptor,
  artifactType: string,
  mediaType: string,
  document: string,
): Promise<Descriptor> {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType,
    config: await layout.putBlob('application/vnd.oci.empty.v1+json', '{}'),
    layers: [await layout.putBlob(mediaType, document)],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
  };
  return { ...(await layout.putManifest(manifest)), artifactType };
}

function imageConfig(content: ImageContent): unknown {
  const { process } = content;
  return {
    architecture: content.architecture,
    os: 'linux',
    created: createdAt(content),
    // Layers are not compressed: the digest of the blob is that of its content.
    rootfs: { type: 'layers', diff_ids: content.layers.map(({ digest }) => digest) },
    config: process === null ? {} : { Entrypoint: process.argv, User: process.user, WorkingDir: process.folder },
  };
}

function createdAt(content: ImageContent): string {
  return new Date(content.newest * 1000).toISOString();
}
