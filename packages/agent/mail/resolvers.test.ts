import { describe, expect, it } from 'vitest';
import { reachableResolvers } from './resolvers.ts';

describe('name servers', () => {
  it('are those that a container reaches', () => {
    const text =
      '# x\nnameserver 127.0.0.53\nnameserver 192.0.2.1\n nameserver\t192.0.2.2 \nnameserver fe80::1\nsearch a\n';
    expect(reachableResolvers(text)).toEqual(['192.0.2.1', '192.0.2.2']);
  });
});
