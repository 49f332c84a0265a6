import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceAddress } from '#model/network/service.ts';
import { siteAddress } from '#model/node/address.ts';
import {
  areJoined,
  gatewayOf,
  interfaceIndex,
  mustBeInterfaceName,
  parseLinkEnd,
  setInnerEnd,
  setNodeEnd,
} from './link.ts';

const addresses = fc.oneof(
  fc.integer({ min: 2, max: 2 ** 22 - 2 }).map(siteAddress),
  fc.integer({ min: 2, max: 2 ** 16 - 2 }).map(serviceAddress),
);

describe('a link', () => {
  it('has a number that only its address decides, and that the kernel’s own never reach', () => {
    fc.assert(
      fc.property(addresses, addresses, (one, other) => {
        expect(interfaceIndex(one) === interfaceIndex(other)).toBe(one === other);
        expect(interfaceIndex(one)).toBeGreaterThan(0x100_0000);
        expect(interfaceIndex(one)).toBeLessThan(2 ** 31);
      }),
    );
  });

  it('leads to the gateway of its network', () => {
    expect(gatewayOf('10.63.200.7')).toBe('10.63.0.1');
    expect(gatewayOf('10.127.0.9')).toBe('10.64.0.1');
  });

  it('has no ARP and permanent neighbours at both ends', () => {
    const link = { pin: '/p', interfaceName: 's-1', address: '10.70.0.9' };
    expect(setNodeEnd(link)).toMatch(/^link set dev s-1 arp off( .*)?$/m);
    expect(setNodeEnd(link)).toContain('neigh replace 10.70.0.9 lladdr 02:00:00:00:00:02 nud permanent dev s-1\n');
    expect(setInnerEnd(link)).toMatch(/^link set dev eth0 arp off( .*)?$/m);
    expect(setInnerEnd(link)).toContain('neigh replace 10.64.0.1 lladdr 02:00:00:00:00:01 nud permanent dev eth0\n');
  });

  it('takes large packets between edge and site, and ordinary ones to everywhere else', () => {
    const site = { pin: '/p', interfaceName: 's-1', address: '10.70.0.9' };
    const edge = { ...site, address: '10.63.0.9' };
    for (const end of [setNodeEnd(site), setInnerEnd(site), setInnerEnd(edge)]) expect(end).toContain(' mtu 65535\n');
    expect(setInnerEnd(site)).toContain('route replace 10.64.0.1/32 dev eth0 scope link\n');
    expect(setInnerEnd(edge)).toContain('route replace 10.64.0.0/10 via 10.63.0.1 dev eth0 onlink\n');
    expect(setInnerEnd(site)).not.toContain('10.64.0.0/10');
    for (const end of [setInnerEnd(site), setInnerEnd(edge)])
      expect(end).toMatch(/^route replace default .* mtu 1500$/m);
  });

  it('takes only names that need no quoting anywhere', () => {
    for (const name of ['', 'lo', 'host0', 'uplink0', '-x', 'a b', 'a"', 'ä', 'x'.repeat(16), 'A', '1a', 'a#'])
      expect(() => mustBeInterfaceName(name), name).toThrow();
    for (const name of ['s', 's-0123456789abc', 'e1']) expect(() => mustBeInterfaceName(name), name).not.toThrow();
  });
});

describe('the two ends of a wire', () => {
  const near = parseLinkEnd('[{"ifindex":20000007,"link_index":2,"ifname":"s1"}]');
  const far = parseLinkEnd('[{"ifindex":2,"link_index":20000007,"ifname":"eth0"}]');

  it('know each other', () => {
    expect(areJoined(near, far)).toBe(true);
    expect(areJoined(near, { index: 2, peerIndex: 20000008 })).toBe(false);
    expect(areJoined(near, { index: 2, peerIndex: undefined })).toBe(false);
    expect(areJoined(near, undefined)).toBe(false);
    expect(areJoined(undefined, undefined)).toBe(false);
  });

  it('are absent when ip(8) shows nothing', () => {
    expect(parseLinkEnd('')).toBeUndefined();
    expect(parseLinkEnd('[]\n')).toBeUndefined();
    expect(parseLinkEnd('[{}]')).toBeUndefined();
  });
});
