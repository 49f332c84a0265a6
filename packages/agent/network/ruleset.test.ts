import { describe, expect, it } from 'vitest';
import { nodeLink } from '#model/node/address.ts';
import { INNER_RULES, renderRuleset } from './ruleset.ts';

const rules = renderRuleset({ ...nodeLink(7), controlPort: 9443, gateUid: 4711 });

/** The rules of a chain, one a line, without its hook. */
function chain(name: string): readonly string[] {
  const [, body = ''] = new RegExp(`chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*)\\n {2}\\}`).exec(rules) ?? [];
  const lines = body.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('type '));
}

describe('the ruleset of a node', () => {
  it('replaces all rules and keeps all elements, in one transaction', () => {
    expect(rules.split('\n').slice(0, 3)).toEqual([
      'add table inet hofje',
      'flush table inet hofje',
      'table inet hofje {',
    ]);
    expect(rules).not.toMatch(/flush (set|map|ruleset)|delete/);
  });

  it('drops by default wherever a packet passes', () => {
    const hooks = rules.split('\n').filter((line) => line.includes('type filter hook'));
    expect(hooks).toHaveLength(5);
    for (const hook of hooks) expect(hook).toMatch(/policy drop;$/);
  });

  it('checks the source before connection tracking, and has no rule for IPv6 there', () => {
    expect(rules).toContain('type filter hook prerouting priority raw; policy drop;');
    for (const rule of chain('guard').slice(1)) expect(rule).toMatch(/ip saddr .*accept$/);
    expect(rules).not.toMatch(/ip6|icmpv6/);
  });

  it('lets nothing that a site sends to a private address be told apart', () => {
    const [first, second, third] = chain('from_site');
    expect(first).toBe('ip daddr @private_networks goto refuse');
    expect(second).toBe('fib daddr oifname != "uplink0" goto refuse');
    expect(third).toBe('tcp dport 25 goto refuse');
    expect(chain('from_site').at(-1)).toBe('accept');
    for (const network of ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '192.168.0.0/16', '224.0.0.0/3'])
      expect(rules).toContain(network);
  });

  it('ends every judgement in the same refusal, unless it accepted', () => {
    for (const name of ['arrival', 'from_edge', 'from_mail', 'from_host', 'transit', 'delivery', 'departure'])
      expect(chain(name).at(-1), name).toBe('goto refuse');
    expect(chain('refuse')).toEqual([
      'meta l4proto tcp reject with tcp reset',
      'reject with icmp type host-unreachable',
    ]);
  });

  it('lets the machine reach the published ports only, and the node of the machine only the control plane', () => {
    const { node, host } = nodeLink(7);
    expect(chain('from_host')[0]).toBe(`ip daddr ${node} tcp dport { 80, 443, 25, 465, 587, 143, 993 } accept`);
    const toMachine = chain('departure').filter((rule) => rule.includes('host0'));
    expect(toMachine).toEqual([`oifname "host0" ip daddr ${host} tcp dport 9443 meta skuid { 0, 4711 } accept`]);
  });
});

describe('the rules inside a house', () => {
  it('track no connections', () => {
    expect(INNER_RULES).not.toMatch(/\bct\b|nat/);
  });
});
