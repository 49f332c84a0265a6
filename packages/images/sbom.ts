import { canonicalJson } from './digest.ts';
import type { LockedPackage } from './lock.ts';

export const SBOM_TYPE = 'application/vnd.cyclonedx+json';

/** Debian's release number, as package URLs name the distribution. */
const RELEASES: Readonly<Record<string, string>> = { bookworm: 'debian-12', trixie: 'debian-13' };

/**
 * The packages of an image as a CycloneDX 1.5 document, which scanners match against Debian's security tracker. Holds no time
 * and no serial number: equal packages give equal documents.
 */
export function formatSbom(kind: string, suite: string, packages: readonly LockedPackage[]): string {
  const distribution = RELEASES[suite] ?? `debian-${suite}`;
  return canonicalJson({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'container', name: kind } },
    components: packages.map((one) => ({
      type: 'library',
      'bom-ref': `${one.name}:${one.architecture}`,
      name: one.name,
      version: one.version,
      purl: packageUrl(one, distribution),
    })),
  });
}

/** purl-spec, type `deb`. */
function packageUrl(one: LockedPackage, distribution: string): string {
  const qualifiers = new URLSearchParams({
    arch: one.architecture,
    distro: distribution,
    upstream: `${one.source}@${one.sourceVersion}`,
  });
  return `pkg:deb/debian/${encodeURIComponent(one.name)}@${encodeURIComponent(one.version)}?${qualifiers}`;
}
