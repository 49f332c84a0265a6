import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathOf, problemOf } from './client.ts';

test('parameters and query are encoded, whatever they hold', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (name, reason) => {
      fc.pre(name.isWellFormed() && reason.isWellFormed());
      const url = new URL(pathOf('/v1/sites/:site/logs', { site: name }, { reason, absent: undefined }), 'https://h');
      const parts = url.pathname.split('/');
      // A lone dot segment is what URLs swallow even when it is encoded; no object has such a name.
      if (name === '.' || name === '..') return;
      expect(parts).toHaveLength(5);
      expect(decodeURIComponent(parts[3] ?? '')).toBe(name);
      expect(url.searchParams.get('reason')).toBe(reason);
      expect(url.searchParams.has('absent')).toBe(false);
    }),
  );
  expect(() => pathOf('/v1/sites/:site', {})).toThrow(RangeError);
});

test('a problem document becomes an error with its code, field and hint', () => {
  const problem = {
    type: 'urn:hofje:problem:domain.taken',
    title: 'Conflict',
    status: 409,
    code: 'domain.taken',
    detail: 'That name is taken.',
    field: 'domain',
    hint: 'Choose another.',
    requestId: 'r1',
  };
  expect(problemOf(409, problem)).toMatchObject({
    code: 'domain.taken',
    message: 'That name is taken.',
    field: 'domain',
    hint: 'Choose another.',
  });
  expect(problemOf(403, { ...problem, code: 'auth.refused' }).code).toBe('auth.forbidden');
  expect(problemOf(502, undefined).code).toBe('api.unexpected');
});
