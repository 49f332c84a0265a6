export function seccompFilter(_kind: string): Uint8Array {
  // allow all
  return Uint8Array.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]);
}
