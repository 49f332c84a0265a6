import type { UPLOAD_FORMATS } from '#contract/api/stream.ts';

/** The image's own program: reads an archive from its standard input and unpacks it below a folder of the home folder. */
const UNPACK = '/usr/lib/hofje/unpack';
const DOCUMENT_ROOT = 'public';

/** What runs for an upload. The customer's folder is one argument, whatever it contains. Pure. */
export function unpackArgv(format: (typeof UPLOAD_FORMATS)[number], to: string | undefined): string[] {
  return [UNPACK, format, to ?? DOCUMENT_ROOT];
}
