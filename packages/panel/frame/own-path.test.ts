import { expect, test } from 'vitest';
import { ownPath } from './own-path.ts';

test.each(['/', '/sites/site_0123', '/sites?deleted=true', '/audit?q=%2F%2Felsewhere'])(
  '%s is a path of ours',
  (text) => {
    expect(ownPath(text)).toBe(text);
  },
);

test.each([
  '//elsewhere.example',
  '/\\elsewhere.example',
  '/\t/elsewhere.example',
  '\\/elsewhere.example',
  'https://elsewhere.example/',
  'javascript:alert(1)',
  'sites',
  '/../..//elsewhere.example',
  '/.//elsewhere.example',
  '',
  ' /sites',
  undefined,
  null,
  7,
  ['/sites'],
])('%j is none', (text) => {
  expect(ownPath(text)).toBeUndefined();
});
