import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TEXTS = /\.(js|css|html|svg|json)$/;
/** Below that a packet is not fuller without it. */
const BYTES_MIN = 1000;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Puts beside each text of a folder what is sent of it: `.br` and `.gz`, as small as they get. */
export async function compressFolder(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((each) => TEXTS.test(each))) {
    const path = join(folder, name);
    const content = await readFile(path);
    if (content.length < BYTES_MIN) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    const [small, older] = await Promise.all([brotli(content, { params }), deflate(content, { level: 9 })]);
    await writeFile(`${path}.br`, small);
    await writeFile(`${path}.gz`, older);
  }
}
