import { type Static, Type } from 'typebox';
import { IdText, MaybeMoment, Moment } from './common.ts';
import { endpoint } from './endpoint.ts';
import { Code, PasskeyOptions, PasskeyResponse, PasswordText } from './session.ts';

/** A line of text that a person chose; it is shown as text, never as anything else. */
const Label = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]+$' });
const params = Type.Object({ passkey: Type.String({ maxLength: 100, description: 'Id.' }) });

export const Passkey = Type.Object(
  {
    id: IdText('passkey'),
    name: Type.String(),
    createdAt: Moment,
    lastUsedAt: MaybeMoment,
  },
  { additionalProperties: false },
);
export type Passkey = Static<typeof Passkey>;

/** What one can log in with. */
export const Factors = Type.Object(
  {
    password: Type.Object({ set: Type.Boolean(), changedAt: MaybeMoment }, { additionalProperties: false }),
    totp: Type.Object({ confirmedAt: MaybeMoment }, { additionalProperties: false }),
    recoveryCodesLeft: Type.Integer(),
    passkeys: Type.Array(Passkey),
  },
  { additionalProperties: false },
);
export type Factors = Static<typeof Factors>;

const RecoveryCodes = Type.Array(Type.String(), {
  description: 'Shown this once; empty when there were some already.',
});

export const showFactors = endpoint({
  method: 'GET',
  path: '/v1/factors',
  summary: 'What I can log in with.',
  status: 200,
  answer: Factors,
});

export const changePassword = endpoint({
  method: 'PUT',
  path: '/v1/factors/password',
  summary: 'Change my password with the old one, or set the first. All my other sessions end.',
  body: Type.Object({ current: Type.Optional(PasswordText), password: PasswordText }, { additionalProperties: false }),
  status: 200,
  answer: Factors,
});

export const removePassword = endpoint({
  method: 'DELETE',
  path: '/v1/factors/password',
  summary: 'Log in with passkeys alone from now on.',
  status: 200,
  answer: Factors,
});

export const beginTotp = endpoint({
  method: 'POST',
  path: '/v1/factors/totp',
  summary: 'Begin with an authenticator app: a new secret, good once it is confirmed.',
  status: 201,
  answer: Type.Object(
    {
      uri: Type.String({ description: '`otpauth://` address, for a QR code.' }),
      secret: Type.String({ description: 'The same secret for typing, base 32.' }),
    },
    { additionalProperties: false },
  ),
});

export const confirmTotp = endpoint({
  method: 'POST',
  path: '/v1/factors/totp/confirm',
  summary: 'Confirm the app with one of its codes; from now on logging in asks for one.',
  body: Type.Object({ code: Code }, { additionalProperties: false }),
  status: 200,
  answer: Type.Object({ factors: Factors, recoveryCodes: RecoveryCodes }, { additionalProperties: false }),
});

export const removeTotp = endpoint({
  method: 'DELETE',
  path: '/v1/factors/totp',
  summary: 'Do without the authenticator app.',
  status: 200,
  answer: Factors,
});

export const makeRecoveryCodes = endpoint({
  method: 'POST',
  path: '/v1/factors/recovery-codes',
  summary: 'New recovery codes, shown once; those before are good for nothing any more.',
  status: 201,
  answer: Type.Object({ factors: Factors, recoveryCodes: RecoveryCodes }, { additionalProperties: false }),
});

export const beginPasskey = endpoint({
  method: 'POST',
  path: '/v1/factors/passkeys/options',
  summary: 'What to ask an authenticator in order to make a passkey.',
  status: 200,
  answer: PasskeyOptions,
});

export const addPasskey = endpoint({
  method: 'POST',
  path: '/v1/factors/passkeys',
  summary: 'Keep the passkey that the authenticator has made.',
  body: Type.Object({ name: Label, passkey: PasskeyResponse }, { additionalProperties: false }),
  status: 201,
  answer: Type.Object({ factors: Factors, recoveryCodes: RecoveryCodes }, { additionalProperties: false }),
});

export const renamePasskey = endpoint({
  method: 'PATCH',
  path: '/v1/factors/passkeys/:passkey',
  summary: 'Call a passkey something else.',
  params,
  body: Type.Object({ name: Label }, { additionalProperties: false }),
  status: 200,
  answer: Factors,
});

export const removePasskey = endpoint({
  method: 'DELETE',
  path: '/v1/factors/passkeys/:passkey',
  summary: 'Forget a passkey. The last means of logging in stays.',
  params,
  status: 200,
  answer: Factors,
});
