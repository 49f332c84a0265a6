import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipeVariables } from './variables.ts';

describe('pipeVariables', () => {
  it.each([
    ['info@example.org', 'info', '', 'example.org'],
    ['info+list@example.org', 'info', '+list', 'example.org'],
    ['+list@example.org', '+list', '', 'example.org'],
    ['"john doe"@example.org', 'john doe', '', 'example.org'],
    ['"a\\"@b"@example.org', 'a"@b', '', 'example.org'],
    ['postmaster', 'postmaster', '', ''],
    ['', '', '', ''],
    ['$(id)`id`%{x}@xn--bcher-kva.example', '$(id)`id`%{x}', '', 'xn--bcher-kva.example'],
  ])('splits %s', (recipient, localPart, suffix, domain) => {
    expect(pipeVariables({ sender: '', recipient })).toEqual({
      SENDER: '',
      RECIPIENT: recipient,
      LOCAL_PART: localPart,
      LOCAL_PART_SUFFIX: suffix,
      DOMAIN: domain,
    });
  });

  it('keeps addresses as they are and can always be an environment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (sender, recipient) => {
        const variables = pipeVariables({ sender, recipient });
        expect(variables.SENDER).toBe(sender.replaceAll('\0', '\u{fffd}'));
        for (const value of Object.values(variables)) expect(value).not.toContain('\0');
      }),
    );
  });
});
