import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecipeUser } from '../recipe.ts';
import { isNotFound } from '../tree.ts';

/**
 * Enters the recipe's users before their packages are installed: a package that finds its user leaves it as it is. `*` in
 * the password's place: nobody logs in.
 */
export async function addUsers(root: string, users: readonly RecipeUser[]): Promise<void> {
  for (const { name, id, home, shell, groups } of users) {
    await appendFile(join(root, 'etc/passwd'), `${name}:*:${id}:${id}::${home}:${shell ?? '/usr/sbin/nologin'}\n`);
    await appendFile(join(root, 'etc/group'), `${name}:*:${id}:\n`);
    for (const group of groups ?? []) {
      await editLines(join(root, 'etc/group'), (fields) => (fields[0] === group ? addMember(fields, name) : fields));
    }
  }
}

/** Takes out the day on which each password line was made: nobody has a password, and the day differs from build to build. */
export async function clearPasswordDays(root: string): Promise<void> {
  const clear = ([name = '', password = '']: readonly string[]) => [name, password, '', '', '', '', '', '', ''];
  try {
    await editLines(join(root, 'etc/shadow'), clear);
  } catch (error) {
    // An image without the package `passwd` has no such file.
    if (!isNotFound(error)) throw error;
  }
}

function addMember(fields: readonly string[], member: string): readonly string[] {
  const members = (fields[3] ?? '').split(',').filter((name) => name !== '');
  return [...fields.slice(0, 3), [...members, member].join(',')];
}

async function editLines(file: string, edit: (fields: readonly string[]) => readonly string[]): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = before
    .split('\n')
    .map((line) => (line === '' ? line : edit(line.split(':')).join(':')))
    .join('\n');
  if (after !== before) await writeFile(file, after);
}
