import { expect, test } from 'vitest';
import type { Node } from '#contract/api/node.ts';
import { whatIsMissing } from './ready.ts';

const running = (kind: 'edge' | 'mail') => ({
  kind,
  instance: 'ins_1',
  image: 'sha256:0',
  state: 'running' as const,
  reason: null,
});

function node(changes: Partial<Node>): Node {
  const services = [running('edge'), running('mail')];
  return { health: 'ok', linked: true, appliedRevision: 1, services, alarms: [], ...changes } as Node;
}

function alarmed(...codes: string[]): Node {
  return node({ health: 'alarmed', alarms: codes.map((code) => ({ code, message: `about ${code}`, since: 'now' })) });
}

test('a node that serves is ready, also when a single address or site has its trouble', () => {
  expect(whatIsMissing(node({}))).toBeUndefined();
  expect(whatIsMissing(alarmed('mail.held-back', 'site.unexplained-absence'))).toBeUndefined();
});

test('what keeps a node from serving is named', () => {
  expect(whatIsMissing(alarmed('mail.held-back', 'desired.refused'))).toBe('about desired.refused');
  expect(whatIsMissing(node({ health: 'silent' }))).toBe('its health is silent');
  expect(whatIsMissing(node({ services: [running('edge')] }))).toBe('mail: not begun');
  expect(whatIsMissing(node({ linked: false }))).toBe('its agent is not connected');
});
