import { readFile } from 'node:fs/promises';

/** One line of proc_pid_mountinfo(5). */
export interface Mount {
  readonly id: number;
  readonly point: string;
  readonly type: string;
  readonly source: string;
  /** Of the file system, not of this mount: `ro` here means that it was aborted or mounted read-only. */
  readonly superOptions: readonly string[];
  readonly options: readonly string[];
}

/** The mounts that this process sees, in the order of mounting. */
export async function readMounts(): Promise<readonly Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
}

export function parseMounts(text: string): readonly Mount[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseMount);
}

function parseMount(line: string): Mount {
  const [left = '', right = ''] = line.split(' - ', 2);
  const [id = '', , , , point = '', options = ''] = left.split(' ');
  const [type = '', source = '', superOptions = ''] = right.split(' ');
  return {
    id: Number(id),
    point: fromOctal(point),
    type,
    source: fromOctal(source),
    options: options.split(','),
    superOptions: superOptions.split(','),
  };
}

/** Space, tab, newline and backslash stand there in octal. */
function fromOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
