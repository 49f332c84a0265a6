import { HofjeError } from '#model/error.ts';
import { IMAGE_IDS } from './inspect.ts';
import { WHITEOUT } from './pack.ts';
import { BLOCK, ENTRY, isEndBlock, paddedSize, readHeader, type TarHeader, textOf, writeOwners } from './tar-header.ts';

const KNOWN_TYPES: readonly string[] = Object.values(ENTRY);
const LONGEST_NAME = 8192;
const SET_ID_BITS = 0o6000;

/**
 * Passes a layer's tar stream on with every owner moved by `idBase`, and refuses (`image.refused-entry`) what no layer of
 * ours holds, so that the tar that reads it as root can be led nowhere: devices, set-id files, owners above 999, names that
 * leave the folder, names that come twice or whose folder is not in the layer before them (an older layer may have a
 * symbolic link in its place), hard links to elsewhere. Whiteouts are taken out of the stream and reported.
 */
export class OwnerShift {
  readonly #idBase: number;
  readonly #onWhiteout: (path: string) => void;
  readonly #types = new Map<string, string>();
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the current entry's data and padding that are still to come. */
  #data = 0;
  #long: { readonly type: string; readonly size: number; readonly parts: Buffer[] } | null = null;
  #longName: string | null = null;
  #longLink: string | null = null;

  constructor(idBase: number, onWhiteout: (path: string) => void) {
    this.#idBase = idBase;
    this.#onWhiteout = onWhiteout;
  }

  /** Takes the next bytes of the stream and returns those that tar may read by now. */
  push(chunk: Buffer): Buffer[] {
    let input = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const output: Buffer[] = [];
    while (input.length > 0) {
      if (this.#data > 0) {
        const part = input.subarray(0, this.#data);
        this.#takeData(part);
        output.push(part);
        input = input.subarray(part.length);
      } else if (input.length >= BLOCK) {
        const block = Buffer.from(input.subarray(0, BLOCK));
        if (this.#takeHeader(block)) output.push(block);
        input = input.subarray(BLOCK);
      } else {
        break;
      }
    }
    this.#rest = input;
    return output;
  }

  /** Throws `image.refused-entry` when the stream ended inside an entry. */
  end(): void {
    if (this.#rest.length > 0 || this.#data > 0) throw refused('an entry that is cut short');
  }

  #takeData(part: Buffer): void {
    this.#data -= part.length;
    if (this.#long === null) return;
    this.#long.parts.push(part);
    if (this.#data > 0) return;
    const { type, size, parts } = this.#long;
    const text = textOf(Buffer.concat(parts).subarray(0, size));
    if (type === ENTRY.longName) this.#longName = text;
    else this.#longLink = text;
    this.#long = null;
  }

  /** Changes the block in place; false when it is not for tar. */
  #takeHeader(block: Buffer): boolean {
    if (isEndBlock(block)) return true;
    const raw = readHeader(block);
    if (!KNOWN_TYPES.includes(raw.type)) throw refused(`an entry of type "${raw.type}"`, raw.name);
    if (raw.type === ENTRY.longName || raw.type === ENTRY.longLink) {
      if (!(raw.size <= LONGEST_NAME)) throw refused('a name that is too long');
      this.#data = paddedSize(raw.size);
      this.#long = { type: raw.type, size: raw.size, parts: [] };
      return true;
    }
    const header: TarHeader = { ...raw, name: this.#longName ?? raw.name, link: this.#longLink ?? raw.link };
    this.#longName = null;
    this.#longLink = null;
    this.#check(header);
    this.#data = header.type === ENTRY.file ? paddedSize(header.size) : 0;
    const hidden = hiddenBy(header);
    if (hidden !== null) {
      this.#onWhiteout(hidden);
      return false;
    }
    writeOwners(block, header.uid + this.#idBase, header.gid + this.#idBase);
    return true;
  }

  #check(header: TarHeader): void {
    const { type, mode, uid, gid, size } = header;
    const name = header.name.replace(/\/$/, '');
    if (!isPlainPath(name)) throw refused('a name that leaves the image', name);
    const slash = name.lastIndexOf('/');
    if (slash >= 0 && this.#types.get(name.slice(0, slash)) !== ENTRY.folder)
      throw refused('a name without folder', name);
    if (this.#types.has(name)) throw refused('a name twice', name);
    if (type === ENTRY.hardLink && this.#types.get(header.link) !== ENTRY.file)
      throw refused('a link to elsewhere', name);
    // Written so that what is no number is refused too.
    if (!(uid < IMAGE_IDS && gid < IMAGE_IDS)) throw refused(`the owner ${uid}:${gid}`, name);
    if (!((mode & SET_ID_BITS) === 0 && mode <= 0o7777)) throw refused('a set-id bit', name);
    if (!Number.isSafeInteger(size)) throw refused('a size that is no number', name);
    this.#types.set(name, type);
  }
}

function isPlainPath(name: string): boolean {
  return name !== '' && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The path that a whiteout hides; null for any other entry. */
function hiddenBy({ name, size, type }: TarHeader): string | null {
  const slash = name.lastIndexOf('/') + 1;
  if (!name.startsWith(WHITEOUT, slash)) return null;
  const hidden = name.slice(slash + WHITEOUT.length);
  // Opaque whiteouts (`.wh..wh..opq`): our packer names each path that is gone.
  if (
    hidden === '' ||
    hidden === '.' ||
    hidden === '..' ||
    hidden.startsWith(WHITEOUT) ||
    size !== 0 ||
    type !== ENTRY.file
  ) {
    throw refused('a whiteout of an unknown form', name);
  }
  return name.slice(0, slash) + hidden;
}

function refused(what: string, name = ''): HofjeError {
  return new HofjeError('image.refused-entry', `the layer holds ${what}${name === '' ? '' : `: ${name}`}`);
}
