import { open, writeFile } from 'node:fs/promises';

/**
 * Keeps a file that others append to (with `O_APPEND`, so that they go on at its new end) from growing for ever: once it is
 * longer than `max` bytes, its last `kept` bytes go to `FILE.1` and it is emptied. Lines written at that very moment may be
 * lost. No error when it is not there.
 */
export async function boundFile(path: string, max: number, kept: number): Promise<void> {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    const size = (await file?.stat())?.size ?? 0;
    if (file === undefined || size <= max) return;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(kept), 0, kept, Math.max(0, size - kept));
    await writeFile(`${path}.1`, buffer.subarray(0, bytesRead), { mode: 0o600 });
    await file.truncate(0);
  } finally {
    await file?.close();
  }
}
