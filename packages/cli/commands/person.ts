import { Command, Option } from '@commander-js/extra-typings';
import { changePerson, createPerson, listPeople, type Person } from '#contract/api/person.ts';
import { LANGUAGES, OPERATOR_ROLES } from '#model/right/role.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { facts, table } from '../output.ts';
import { listAll } from '../pages.ts';

export function personCommand(context: Context) {
  const person = new Command('person').description('people who log in');

  person
    .command('create')
    .description('make a person, who comes in by a link first')
    .argument('<address>', 'mail address')
    .requiredOption('--name <name>', 'as people call him or her')
    .addOption(new Option('--language <code>', 'of the panel and of mails').choices(LANGUAGES))
    .addOption(new Option('--operator-role <role>', 'what he or she is to the installation').choices(OPERATOR_ROLES))
    .addHelpText(
      'after',
      examples(['hofje person create alice@example.org --name Alice', 'then `hofje login-link --person ...`']),
    )
    .action(async (email, { name, language, operatorRole }, command) => {
      const body = { email, name, ...(language && { language }), ...(operatorRole && { operatorRole }) };
      const made = await (await context.client()).call(createPerson, { body });
      context.output(command).result(made, personText(made));
    });

  person
    .command('list')
    .description('list people')
    .addHelpText('after', examples(['hofje person list --json', 'for a script']))
    .action(async (_options, command) => {
      const items = await listAll(await context.client(), listPeople, { query: {} });
      const rows = items.map((each) => [
        each.email,
        each.name,
        each.operatorRole ?? '',
        each.disabledAt === null ? '' : 'disabled',
        each.id,
      ]);
      context.output(command).result({ items }, table(['ADDRESS', 'NAME', 'ROLE', '', 'ID'], rows));
    });

  for (const [name, disabled, does] of [
    ['disable', true, 'shut a person out: all sessions and tokens are worth nothing at once'],
    ['enable', false, 'let a person in again'],
  ] as const)
    person
      .command(name)
      .description(does)
      .argument('<person>', 'address or id')
      .addHelpText('after', examples([`hofje person ${name} alice@example.org`, does]))
      .action(async (reference, _options, command) => {
        const input = { params: { person: reference }, body: { disabled } };
        const changed = await (await context.client()).call(changePerson, input);
        context.output(command).result(changed, personText(changed));
      });

  return person;
}

function personText(person: Person): string {
  return facts([
    ['address', person.email],
    ['name', person.name],
    ...(person.operatorRole === null ? [] : ([['role', person.operatorRole]] as const)),
    ...(person.disabledAt === null ? [] : ([['disabled', person.disabledAt]] as const)),
    ['id', person.id],
  ]);
}
