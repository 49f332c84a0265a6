/** The 512 byte header of a tar entry, as GNU tar writes it (GNU tar manual, "Basic Tar Format"). Pure. */

export const BLOCK = 512;

export const ENTRY = {
  file: '0',
  hardLink: '1',
  symbolicLink: '2',
  folder: '5',
  /** The data is the next entry's link target or name, where they do not fit into the header. */
  longLink: 'K',
  longName: 'L',
} as const;

/** Offset and length in bytes. */
type Field = readonly [number, number];
const NAME: Field = [0, 100];
const MODE: Field = [100, 8];
const UID: Field = [108, 8];
const GID: Field = [116, 8];
const SIZE: Field = [124, 12];
const CHECKSUM: Field = [148, 8];
const TYPE = 156;
const LINK: Field = [157, 100];

export interface TarHeader {
  readonly type: string;
  readonly name: string;
  readonly link: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

export function readHeader(block: Buffer): TarHeader {
  return {
    type: String.fromCharCode(block[TYPE] ?? 0),
    name: textOf(fieldOf(block, NAME)),
    link: textOf(fieldOf(block, LINK)),
    mode: numberOf(block, MODE),
    uid: numberOf(block, UID),
    gid: numberOf(block, GID),
    size: numberOf(block, SIZE),
  };
}

/** Writes owners into a header and its checksum anew. */
export function writeOwners(block: Buffer, uid: number, gid: number): void {
  writeNumber(block, UID, uid);
  writeNumber(block, GID, gid);
  writeChecksum(block);
}

export function isEndBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** Up to the first NUL. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
}

/** Bytes that `size` bytes of data take in the stream. */
export function paddedSize(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function fieldOf(block: Buffer, [offset, length]: Field): Buffer {
  return block.subarray(offset, offset + length);
}

/** GNU's form for what does not fit into octal digits: this byte, then the number, big-endian. */
const BINARY = 0x80;

/** NaN for what is no number. */
function numberOf(block: Buffer, where: Field): number {
  const bytes = fieldOf(block, where);
  if (bytes[0] === BINARY) return Number(BigInt(`0x${bytes.subarray(1).toString('hex')}`));
  const text = textOf(bytes).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function writeNumber(block: Buffer, [offset, length]: Field, value: number): void {
  const octal = value.toString(8);
  if (octal.length < length) {
    block.write(`${octal.padStart(length - 1, '0')}\0`, offset, 'latin1');
    return;
  }
  block.fill(0, offset, offset + length);
  block[offset] = BINARY;
  block.writeUInt32BE(value, offset + length - 4);
}

function writeChecksum(block: Buffer): void {
  const [offset, length] = CHECKSUM;
  block.fill(' ', offset, offset + length);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset, 'latin1');
}
