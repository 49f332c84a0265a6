import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '#host/file.ts';

/** The secret in that file; where there is none yet, a new one of 256 random bits is made. Readable by root alone. */
export async function ensureSecret(file: string): Promise<string> {
  const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (present.trim() !== '') return present.trim();
  const secret = randomBytes(32).toString('base64url');
  await writeFileAtomically(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
