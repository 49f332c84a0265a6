/**
 * Constant databases as D. J. Bernstein defined them (https://cr.yp.to/cdb/cdb.txt): Exim's `cdb` look-ups read them.
 * Pure: a whole database is made in memory.
 */

/** A key may occur more than once; who looks it up gets the first value. */
export type CdbEntry = readonly [key: string, value: string];

const TABLES = 256;
/** 256 pairs of position and number of slots. */
const HEADER_BYTES = TABLES * 8;

interface Slot {
  readonly hash: number;
  readonly position: number;
}

/** The database's bytes, at most 4 GiB. Texts are UTF-8. */
export function encodeCdb(entries: Iterable<CdbEntry>): Buffer {
  const parts: Buffer[] = [];
  const tables: Slot[][] = Array.from({ length: TABLES }, () => []);
  let position = HEADER_BYTES;
  for (const [key, value] of entries) {
    const [keyBytes, valueBytes] = [Buffer.from(key), Buffer.from(value)];
    const hash = cdbHash(keyBytes);
    tables[hash % TABLES]?.push({ hash, position });
    const record = Buffer.concat([numbers(keyBytes.length, valueBytes.length), keyBytes, valueBytes]);
    parts.push(record);
    position += record.length;
  }
  const header: Buffer[] = [];
  for (const slots of tables) {
    // Half of a table stays empty, so that a search for what is not there ends soon.
    const size = slots.length * 2;
    header.push(numbers(position, size));
    const table = encodeTable(slots, size);
    parts.push(table);
    position += table.length;
  }
  return Buffer.concat([...header, ...parts]);
}

/** Open addressing: the hash names the first slot to try, `position` 0 is an empty one. */
function encodeTable(slots: readonly Slot[], size: number): Buffer {
  const table: (Slot | undefined)[] = Array.from({ length: size });
  for (const slot of slots) {
    let index = (slot.hash >>> 8) % size;
    while (table[index] !== undefined) index = (index + 1) % size;
    table[index] = slot;
  }
  return Buffer.concat(table.map((slot) => numbers(slot?.hash ?? 0, slot?.position ?? 0)));
}

/** `h = ((h << 5) + h) ^ c`, 32 bits, starting with 5381. */
export function cdbHash(key: Uint8Array): number {
  let hash = 5381;
  for (const byte of key) hash = (((hash << 5) + hash) ^ byte) >>> 0;
  return hash;
}

function numbers(first: number, second: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(first, 0);
  bytes.writeUInt32LE(second, 4);
  return bytes;
}
