import { cdbHash } from '#agent/mail/cdb.ts';

/** Looks a key up as https://cr.yp.to/cdb/cdb.txt tells a reader to. */
export function lookUpCdb(cdb: Buffer, key: string): string | undefined {
  const bytes = Buffer.from(key);
  const hash = cdbHash(bytes);
  const tableAt = cdb.readUInt32LE((hash % 256) * 8);
  const slots = cdb.readUInt32LE((hash % 256) * 8 + 4);
  for (let probe = 0; probe < slots; probe += 1) {
    const at = tableAt + (((hash >>> 8) + probe) % slots) * 8;
    const position = cdb.readUInt32LE(at + 4);
    if (position === 0) return undefined;
    if (cdb.readUInt32LE(at) !== hash) continue;
    const keyEnd = position + 8 + cdb.readUInt32LE(position);
    if (cdb.subarray(position + 8, keyEnd).equals(bytes)) {
      return cdb.subarray(keyEnd, keyEnd + cdb.readUInt32LE(position + 4)).toString();
    }
  }
  return undefined;
}
