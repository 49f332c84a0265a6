/** Whether a certificate with these names is good for a host: equal, or by a wildcard for one label (RFC 9525). Lower case. */
export function isCovered(host: string, names: readonly string[]): boolean {
  const parent = host.slice(host.indexOf('.') + 1);
  return names.some((name) => name === host || (name === `*.${parent}` && parent.includes('.')));
}
