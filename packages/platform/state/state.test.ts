import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isId } from '#model/id.ts';
import { cachePath, DEFAULT_STATE, stateFolders, statePath } from './folders.ts';
import { parseInstallation } from './installation.ts';

describe('the state folder', () => {
  test('has a default and may be named', () => {
    expect(statePath({})).toBe(DEFAULT_STATE);
    expect(statePath({ HOFJE_STATE: '' })).toBe(DEFAULT_STATE);
    expect(statePath({ HOFJE_STATE: '/srv/a.b-c_d/' })).toBe('/srv/a.b-c_d');
    expect(cachePath({ HOFJE_CACHE: '/srv/cache' })).toBe('/srv/cache');
  });

  test.each(['/', '/with space', "/quo'te", '/new\nline', '/$HOME', '/ümlaut', '/a;b'])('%j is refused', (path) => {
    expect(() => statePath({ HOFJE_STATE: path })).toThrow(expect.objectContaining({ field: 'HOFJE_STATE' }));
    expect(() => cachePath({ HOFJE_CACHE: path })).toThrow(expect.objectContaining({ field: 'HOFJE_CACHE' }));
  });

  test('whatever is accepted leaves room for the longest socket', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (length) => {
        const path = `/${'a'.repeat(length)}`;
        let accepted = true;
        try {
          statePath({ HOFJE_STATE: path });
        } catch {
          accepted = false;
        }
        const socket = `${stateFolders(path).node('node1')}/run/gate/site/site_${'x'.repeat(20)}/submission.sock`;
        expect(accepted).toBe(socket.length <= 107);
      }),
    );
  });
});

describe('the description of an installation', () => {
  const good = { id: `inst_${'0'.repeat(20)}`, slot: 7, createdAt: '2026-01-01T00:00:00.000Z', ports: { api: 7443 } };

  test('is read back as written', () => {
    expect(isId('installation', good.id)).toBe(true);
    expect(parseInstallation(JSON.stringify(good))).toEqual(good);
  });

  test.each([
    [{ ...good, id: 'site_00000000000000000000' }],
    [{ ...good, slot: 448 }],
    [{ ...good, slot: -1 }],
    [{ ...good, slot: '7' }],
    [{ ...good, ports: {} }],
    [{ ...good, ports: { api: 0 } }],
    [{ ...good, ports: null }],
    [null],
    [[]],
    ['text'],
  ])('%j is none', (value) => {
    expect(parseInstallation(JSON.stringify(value))).toBeUndefined();
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseInstallation(text)).toBeUndefined();
      }),
    );
  });
});
