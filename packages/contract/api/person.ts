import { type Static, Type } from 'typebox';
import { LANGUAGES, OPERATOR_ROLES } from '#model/right/role.ts';
import { AddressText, BasedOn, IdText, MaybeMoment, Moment, Page, PageQuery, Version } from './common.ts';
import { endpoint } from './endpoint.ts';

/** As people write their names: anything in one line that does not turn the text beside it round. */
export const PersonName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]+$',
});
export const LanguageCode = Type.Enum(LANGUAGES);
export const OperatorRoleName = Type.Enum(OPERATOR_ROLES);
export const MaybeOperatorRole = Type.Union([OperatorRoleName, Type.Null()], {
  description: 'What the person is to the whole installation; null for customers.',
});

/** Somebody who logs in. */
export const Person = Type.Object(
  {
    id: IdText('person'),
    email: Type.String({ description: 'With it the person logs in; in lower case.' }),
    name: Type.String(),
    language: LanguageCode,
    operatorRole: MaybeOperatorRole,
    version: Version,
    createdAt: Moment,
    disabledAt: MaybeMoment,
  },
  { additionalProperties: false },
);
export type Person = Static<typeof Person>;

const params = Type.Object({ person: Type.String({ maxLength: 400, description: 'Id or mail address.' }) });

export const createPerson = endpoint({
  method: 'POST',
  path: '/v1/people',
  summary: 'Make a person, who comes in by a link first.',
  body: Type.Object(
    {
      email: AddressText,
      name: PersonName,
      language: Type.Optional(LanguageCode),
      operatorRole: Type.Optional(OperatorRoleName),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Person,
  creates: true,
});

export const listPeople = endpoint({
  method: 'GET',
  path: '/v1/people',
  summary: 'List people by mail address.',
  query: Type.Object(PageQuery, { additionalProperties: false }),
  status: 200,
  answer: Page(Person),
});

export const getPerson = endpoint({
  method: 'GET',
  path: '/v1/people/:person',
  summary: 'Show a person: oneself, or anybody to an operator.',
  params,
  status: 200,
  answer: Person,
});

export const changePerson = endpoint({
  method: 'PATCH',
  path: '/v1/people/:person',
  summary: 'Change a person: name and language oneself, all by an administrator. Who is disabled is out at once.',
  params,
  body: Type.Object(
    {
      name: Type.Optional(PersonName),
      language: Type.Optional(LanguageCode),
      email: Type.Optional(AddressText),
      operatorRole: Type.Optional(MaybeOperatorRole),
      disabled: Type.Optional(Type.Boolean()),
      ...BasedOn,
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Person,
  changes: true,
});
