import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { createTokenFor, listTokens, revokeToken, type Token } from '#contract/api/token.ts';
import { SCOPES, type Scope } from '#model/right/role.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { facts, table } from '../output.ts';

export function tokenCommand(context: Context) {
  const token = new Command('token').description('personal tokens, with which programs act for people');

  token
    .command('create')
    .description('make a token for somebody, shown once; on the machine itself (people make their own in the panel)')
    .argument('<name>', 'what it is for')
    .requiredOption('--person <address>', 'whose it is, by address or id')
    .option('--scopes <list>', `some of ${SCOPES.join(',')}`, scopes, ['read'] as Scope[])
    .option('--account <account>', 'good for this account only')
    .option('--days <days>', 'good for so long (90)', days)
    .addHelpText(
      'after',
      examples(['hofje token create backup --person alice@example.org --scopes read,exec', 'for a script of hers']),
    )
    .action(async (name, options, command) => {
      const { account, person } = options;
      const body = {
        name,
        scopes: options.scopes,
        ...(account !== undefined && { account }),
        ...(options.days !== undefined && { days: options.days }),
      };
      const made = await (await context.machine()).call(createTokenFor, { params: { person }, body });
      context.output(command).result(made, tokenText(made));
    });

  token
    .command('list')
    .description('list the tokens of whoever is logged in')
    .addHelpText('after', examples(['hofje token list', 'what is still good, and when it was used last']))
    .action(async (_options, command) => {
      const { items } = await (await context.client()).call(listTokens, {});
      const rows = items.map((each) => [
        each.name,
        each.scopes.join(','),
        each.revokedAt === null ? (each.expiresAt ?? '') : 'revoked',
        each.lastUsedAt ?? 'never',
        each.id,
      ]);
      context.output(command).result({ items }, table(['TOKEN', 'SCOPES', 'GOOD UNTIL', 'LAST USE', 'ID'], rows));
    });

  token
    .command('revoke')
    .description('revoke a token of whoever is logged in: the next request with it is refused')
    .argument('<token>', 'its id')
    .addHelpText('after', examples(['hofje token revoke tok_...', 'at once']))
    .action(async (id, _options, command) => {
      const gone = await (await context.client()).call(revokeToken, { params: { token: id } });
      context.output(command).result(gone, tokenText(gone));
    });

  return token;
}

function scopes(typed: string): Scope[] {
  const named = typed.split(',').map((each) => each.trim());
  const known = SCOPES.filter((scope) => named.includes(scope));
  if (known.length === named.length && named.length > 0) return known;
  throw new InvalidArgumentError(`Some of ${SCOPES.join(',')} are wanted.`);
}

function days(typed: string): number {
  const value = Number(typed);
  if (/^\d+$/.test(typed) && value >= 1 && value <= 366) return value;
  throw new InvalidArgumentError('A whole number of days from 1 to 366 is wanted.');
}

/** Pure. */
function tokenText(token: Token): string {
  return facts([
    ['token', token.name],
    ['scopes', token.scopes.join(' ')],
    ['good until', token.revokedAt === null ? (token.expiresAt ?? 'revoked') : 'revoked'],
    ['id', token.id],
    ...(token.token === undefined ? [] : ([['text', `${token.token}   (shown this once)`]] as const)),
  ]);
}
