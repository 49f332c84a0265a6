import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '#host/run.ts';
import { assembleImage, type ImageContent } from './image.ts';
import { ImageLayout } from './layout.ts';
import { listImages, readDocument, readLock } from './list.ts';
import { formatLock, parsePackages } from './lock.ts';
import { SBOM_TYPE } from './sbom.ts';

let cache: string;
let layout: ImageLayout;

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'hofje-layout-'));
  layout = new ImageLayout(join(cache, 'images'));
  await layout.initialize();
});
afterEach(() => rmSync(cache, { recursive: true }));

const PACKAGES = parsePackages(
  [
    'installed\tzlib1g\t1:1.2.13\tamd64\tzlib\t1:1.2.13',
    'config-files\tgone\t1\tall\tgone\t1',
    'installed\tapache2-bin\t2.4.71-1~deb12u1\tamd64\tapache2\t2.4.71-1~deb12u1',
    '',
  ].join('\n'),
);

async function content(text: string): Promise<ImageContent> {
  const layer = await layout.putBlob('application/vnd.oci.image.layer.v1.tar', text);
  return {
    kind: 'site-php8.2',
    architecture: 'amd64',
    suite: 'bookworm',
    layers: [layer],
    newest: 1_700_000_000,
    packages: PACKAGES,
    process: null,
  };
}

describe('the lock', () => {
  it('names what is installed, sorted, exactly', () => {
    expect(formatLock(PACKAGES)).toBe('apache2-bin=2.4.71-1~deb12u1=amd64\nzlib1g=1:1.2.13=amd64\n');
  });
});

describe('a blob that is opened to be unpacked', () => {
  const blob = () => layout.putBlob('application/vnd.oci.image.layer.v1.tar', 'x'.repeat(3_000_000));

  it('is given whole after it was checked', async () => {
    await using file = await layout.openVerified(await blob());
    expect((await file.readFile({ encoding: 'utf8' })).length).toBeLessThanOrEqual(3_000_000);
    let bytes = 0;
    for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(3_000_000);
  });

  it.each(['other bytes', 'more bytes', 'a link', 'nothing'])(
    'is not given when there are %s under its name',
    async (what) => {
      const descriptor = await blob();
      const path = layout.blobPath(descriptor.digest);
      rmSync(path);
      if (what === 'other bytes') writeFileSync(path, 'y'.repeat(3_000_000));
      if (what === 'more bytes') writeFileSync(path, 'x'.repeat(3_000_001));
      if (what === 'a link') {
        writeFileSync(`${path}.elsewhere`, 'x'.repeat(3_000_000));
        symlinkSync(`${path}.elsewhere`, path);
      }
      const code = what === 'nothing' ? 'image.missing' : what === 'a link' ? 'ELOOP' : 'image.corrupt';
      await expect(layout.openVerified(descriptor)).rejects.toMatchObject({ code });
    },
  );
});

describe('the layout', () => {
  it('has one digest for one content, whenever it is assembled, and one entry', async () => {
    const first = await assembleImage(layout, await content('x'), new Date(1));
    const second = await assembleImage(layout, await content('x'), new Date(2));
    expect(second).toBe(first);
    expect(await listImages(cache)).toEqual([
      { kind: 'site-php8.2', digest: first, built: new Date(1).toISOString(), packages: 2, size: 1 },
    ]);
    expect(await readLock(layout, first)).toBe(formatLock(PACKAGES));
    expect(JSON.parse((await readDocument(layout, first, SBOM_TYPE)) ?? '').components[1]).toMatchObject({
      name: 'zlib1g',
      version: '1:1.2.13',
      purl: 'pkg:deb/debian/zlib1g@1%3A1.2.13?arch=amd64&distro=debian-12&upstream=zlib%401%3A1.2.13',
    });
  });

  it('holds several versions of one kind', async () => {
    await assembleImage(layout, await content('old'), new Date(1));
    await assembleImage(layout, await content('new'), new Date(2));
    expect((await listImages(cache)).map(({ kind }) => kind)).toEqual(['site-php8.2', 'site-php8.2']);
  });

  it('loses nothing when many register at the same time', async () => {
    const digests = await Promise.all(
      Array.from({ length: 12 }, async (_value, index) => {
        const other = new ImageLayout(layout.folder);
        return await assembleImage(other, await content(`version ${index}`), new Date(index));
      }),
    );
    expect(new Set((await listImages(cache)).map(({ digest }) => digest))).toEqual(new Set(digests));
  });

  it('can be read by skopeo', async () => {
    const digest = await assembleImage(layout, await content('x'), new Date(1));
    const reference = `oci:${layout.folder}:site-php8.2-${digest.slice(7, 19)}`;
    const { stdout } = await run(['skopeo', 'inspect', reference]);
    expect(JSON.parse(stdout)).toMatchObject({ Digest: digest, Architecture: 'amd64', Os: 'linux' });
  });

  it('notices bytes that are not those of their name', async () => {
    const { digest } = await layout.putBlob('text/plain', 'right');
    writeFileSync(layout.blobPath(digest), 'wrong');
    await expect(layout.readBlob(digest)).rejects.toMatchObject({ code: 'image.corrupt' });
    await expect(layout.readBlob(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'image.missing' });
    expect(() => layout.blobPath('sha256:../../etc/passwd')).toThrow(
      expect.objectContaining({ code: 'image.bad-digest' }),
    );
  });
});
