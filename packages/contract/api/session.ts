import { type Static, Type } from 'typebox';
import { ACCOUNT_ROLES, LANGUAGES, OPERATOR_ROLES } from '#model/right/role.ts';
import { AddressText, IdText, Moment, ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';

/** What a person may prove himself with. A link is one of the machine's own (`hofje login-link`). */
export const FACTORS = ['password', 'totp', 'recovery', 'passkey', 'link'] as const;
export type Factor = (typeof FACTORS)[number];

export const PasswordText = Type.String({ minLength: 1, maxLength: 512 });
export const Code = Type.String({ minLength: 1, maxLength: 40 });
/** A secret that a link or an answer carried. */
const Secret = Type.String({ minLength: 1, maxLength: 100 });
/** As `navigator.credentials` takes and gives it, in JSON (WebAuthn Level 3, 5.1.8 to 5.1.10). */
export const PasskeyOptions = Type.Record(Type.String(), Type.Unknown(), {
  description: '`publicKey` of WebAuthn, for parseCreationOptionsFromJSON or parseRequestOptionsFromJSON.',
});
export const PasskeyResponse = Type.Object(
  {
    id: Type.String({ maxLength: 2000 }),
    rawId: Type.String({ maxLength: 2000 }),
    type: Type.Literal('public-key'),
    response: Type.Record(Type.String({ maxLength: 100 }), Type.Unknown()),
    authenticatorAttachment: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
    clientExtensionResults: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.Unknown())),
  },
  { additionalProperties: false, description: 'toJSON() of what the authenticator answered.' },
);

/** Who is logged in, through what, and what he is to which account. */
export const Me = Type.Object(
  {
    kind: Type.Enum(['person', 'mailbox']),
    person: Type.Union([
      Type.Object(
        {
          id: IdText('person'),
          email: Type.String(),
          name: Type.String(),
          language: Type.Enum(LANGUAGES),
          operatorRole: Type.Union([Type.Enum(OPERATOR_ROLES), Type.Null()]),
          hasPassword: Type.Boolean(),
        },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
    mailbox: Type.Union([
      Type.Object({ id: IdText('mailbox'), address: Type.String() }, { additionalProperties: false }),
      Type.Null(),
    ]),
    memberships: Type.Array(
      Type.Object(
        {
          account: IdText('account'),
          accountName: ShortName,
          role: Type.Enum(ACCOUNT_ROLES),
          sites: Type.Array(IdText('site'), { description: 'Of a collaborator; empty for other roles.' }),
        },
        { additionalProperties: false },
      ),
    ),
    support: Type.Union(
      [
        Type.Object(
          {
            id: IdText('support'),
            account: IdText('account'),
            accountName: ShortName,
            writes: Type.Boolean(),
            reason: Type.String(),
            expiresAt: Moment,
          },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      { description: 'The account that is looked into as support.' },
    ),
    session: Type.Union([
      Type.Object(
        {
          id: IdText('session'),
          factors: Type.Array(Type.Enum(FACTORS)),
          createdAt: Moment,
          expiresAt: Moment,
          provenUntil: Type.Union([Moment, Type.Null()], {
            description: 'Until when dangerous acts ask for no other proof; null when they do.',
          }),
        },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
  },
  { additionalProperties: false },
);
export type Me = Static<typeof Me>;

/** Either the way in, or what is still asked for. */
export const Entrance = Type.Object(
  {
    me: Type.Union([Me, Type.Null()], { description: 'Null while something is still asked for.' }),
    needs: Type.Array(Type.Enum(['totp', 'passkey', 'recovery']), { description: 'Any one of these.' }),
    half: Type.Union([Type.String(), Type.Null()], {
      description: 'The half-done log-in, for the second step. Good once, for five minutes.',
    }),
    passkey: Type.Union([PasskeyOptions, Type.Null()], { description: 'What to ask the authenticator.' }),
  },
  { additionalProperties: false },
);
export type Entrance = Static<typeof Entrance>;

export const logIn = endpoint({
  method: 'POST',
  path: '/v1/session',
  summary: 'Log in with address and password: as a person, or as the user of a mailbox.',
  body: Type.Object({ email: AddressText, password: PasswordText }, { additionalProperties: false }),
  status: 200,
  answer: Entrance,
});

export const logInSecond = endpoint({
  method: 'POST',
  path: '/v1/session/second',
  summary: 'The second step of a log-in: a code of the app, a recovery code, or a passkey.',
  body: Type.Object(
    {
      half: Secret,
      totp: Type.Optional(Code),
      recovery: Type.Optional(Code),
      passkey: Type.Optional(PasskeyResponse),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Entrance,
});

export const askPasskey = endpoint({
  method: 'POST',
  path: '/v1/session/passkey/options',
  summary: 'What to ask an authenticator in order to log in with a passkey alone.',
  status: 200,
  answer: PasskeyOptions,
});

export const logInWithPasskey = endpoint({
  method: 'POST',
  path: '/v1/session/passkey',
  summary: 'Log in with a passkey alone; it says itself who one is.',
  body: Type.Object({ passkey: PasskeyResponse }, { additionalProperties: false }),
  status: 200,
  answer: Entrance,
});

export const logInWithLink = endpoint({
  method: 'POST',
  path: '/v1/session/link',
  summary: 'Log in with the token of a one-time link.',
  body: Type.Object({ token: Secret }, { additionalProperties: false }),
  status: 200,
  answer: Entrance,
});

export const showMe = endpoint({
  method: 'GET',
  path: '/v1/session',
  summary: 'Who am I, and what am I to which account?',
  status: 200,
  answer: Me,
});

export const logOut = endpoint({
  method: 'DELETE',
  path: '/v1/session',
  summary: 'Log out: the session ends and its cookie is worth nothing any more.',
  status: 204,
});

export const proveAgain = endpoint({
  method: 'POST',
  path: '/v1/session/proof',
  summary: 'Prove again who one is, for ten minutes of dangerous acts. The session gets a new cookie.',
  body: Type.Object(
    {
      password: Type.Optional(PasswordText),
      totp: Type.Optional(Code),
      passkey: Type.Optional(PasskeyResponse),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Me,
});

export const askProof = endpoint({
  method: 'POST',
  path: '/v1/session/proof/options',
  summary: 'With what one can prove again who one is.',
  status: 200,
  answer: Type.Object(
    {
      means: Type.Array(Type.Enum(['password', 'totp', 'passkey'])),
      passkey: Type.Union([PasskeyOptions, Type.Null()]),
    },
    { additionalProperties: false },
  ),
});

export const Session = Type.Object(
  {
    id: IdText('session'),
    current: Type.Boolean({ description: 'The one that asks.' }),
    factors: Type.Array(Type.Enum(FACTORS)),
    address: Type.String({ description: 'Where it was begun from.' }),
    userAgent: Type.String({ description: 'What the browser said of itself; anybody can say anything.' }),
    createdAt: Moment,
    lastSeenAt: Moment,
    expiresAt: Moment,
  },
  { additionalProperties: false },
);
export type Session = Static<typeof Session>;

export const listSessions = endpoint({
  method: 'GET',
  path: '/v1/sessions',
  summary: 'My sessions that are open, newest first.',
  status: 200,
  answer: Type.Object({ items: Type.Array(Session) }, { additionalProperties: false }),
});

export const endSession = endpoint({
  method: 'DELETE',
  path: '/v1/sessions/:session',
  summary: 'End one of my sessions.',
  params: Type.Object({ session: Type.String({ maxLength: 100, description: 'Id.' }) }),
  status: 204,
});

export const endOtherSessions = endpoint({
  method: 'DELETE',
  path: '/v1/sessions',
  summary: 'End all my sessions but this one.',
  status: 200,
  answer: Type.Object({ ended: Type.Integer() }, { additionalProperties: false }),
});

export const makeLoginLink = endpoint({
  method: 'POST',
  path: '/v1/login-links',
  summary: 'A link that lets somebody in once. For the machine itself only.',
  body: Type.Object(
    {
      person: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'Id or address.' })),
      operator: Type.Optional(Type.Literal(true, { description: 'The first administrator; made if there is none.' })),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Type.Object(
    {
      url: Type.String({ description: 'The secret stands behind the #: no server and no log sees it.' }),
      expiresAt: Moment,
      person: Type.Union([IdText('person'), Type.Null()], { description: 'Null when the link makes the person.' }),
    },
    { additionalProperties: false },
  ),
});

export const findOperator = endpoint({
  method: 'GET',
  path: '/v1/login-links/operator',
  summary: 'Whether there is an administrator yet. For the machine itself only.',
  status: 200,
  answer: Type.Object({ exists: Type.Boolean() }, { additionalProperties: false }),
});

export const askReset = endpoint({
  method: 'POST',
  path: '/v1/resets',
  summary: 'Have a link mailed for a new password. The answer is the same whether or not anybody has the address.',
  body: Type.Object({ email: AddressText }, { additionalProperties: false }),
  status: 202,
  answer: Type.Object({ sent: Type.Literal('perhaps') }, { additionalProperties: false }),
});

export const useReset = endpoint({
  method: 'POST',
  path: '/v1/resets/use',
  summary: 'Set a new password with the token of a mailed link. All sessions end.',
  body: Type.Object({ token: Secret, password: PasswordText }, { additionalProperties: false }),
  status: 204,
});
