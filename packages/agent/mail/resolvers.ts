/**
 * Name servers in the text of a `resolv.conf` that a container can reach, too: IPv4, and none that listens on the
 * machine's loopback alone.
 */
export function reachableResolvers(resolvConf: string): string[] {
  const addresses = [...resolvConf.matchAll(/^\s*nameserver\s+(\d{1,3}(?:\.\d{1,3}){3})\s*$/gm)].map(
    ([, address = '']) => address,
  );
  return addresses.filter((address) => !address.startsWith('127.'));
}
