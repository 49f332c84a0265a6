import type { PanelFile } from './files.ts';

/** A file as it is sent. */
interface Form {
  readonly encoding?: 'br' | 'gzip';
  readonly content: Buffer;
}

/** The smallest form that the browser takes, by its `Accept-Encoding` (RFC 9110, 12.5.3). Pure. */
export function chooseForm(file: PanelFile, accepted: string): Form {
  const takes = (name: string) => new RegExp(`(^|,)\\s*${name}\\s*(;\\s*q=(?!0(\\.0*)?\\s*(,|$))|,|$)`).test(accepted);
  if (file.br !== undefined && takes('br')) return { encoding: 'br', content: file.br };
  if (file.gzip !== undefined && takes('gzip')) return { encoding: 'gzip', content: file.gzip };
  return { content: file.plain };
}
