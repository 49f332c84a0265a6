import { isIP } from 'node:net';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { PasskeyOptions, PasskeyResponse } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import { isId, makeId, type PasskeyId, type PersonId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import { type ChallengePurpose, openChallenge, takeChallenge } from './challenge.ts';
import type { PersonAtDoor } from './entrant.ts';

/** Passkeys (WebAuthn Level 3). Which site we are stands in our configuration; what a request says of itself does not count. */

type Options = Static<typeof PasskeyOptions>;
type Response = Static<typeof PasskeyResponse>;

const NAME = 'Hofje';
const PASSKEYS_MAX = 20;
/** EdDSA, ES256, RS256 (COSE): what authenticators have. */
const ALGORITHMS = [-8, -7, -257];
/** The library logs nothing and tells in an Error what is wrong with an answer; people are told only this. */
const refused = () => new HofjeError('passkey.refused', 'The passkey was not accepted.', { field: 'passkey' });

interface Site {
  readonly id: string;
  readonly origin: string;
}

/** Undefined where the panel is reached by a bare IP address, for which WebAuthn knows no passkeys. */
function siteOf(context: Context): Site | undefined {
  const { hostname, origin } = new URL(context.config.publicUrls.panel);
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { id: hostname, origin } : undefined;
}

export function arePasskeysPossible(context: Context): boolean {
  return siteOf(context) !== undefined;
}

function requireSite(context: Context): Site {
  const site = siteOf(context);
  if (site !== undefined) return site;
  throw new HofjeError('passkey.no-name', 'Passkeys need a name for the platform, not a bare IP address.');
}

/** What to ask an authenticator for a new passkey. */
export async function askNewPasskey(context: Context, person: PersonAtDoor): Promise<Options> {
  const site = requireSite(context);
  const known = await context.db
    .selectFrom('passkey')
    .select(['credential_id', 'transports'])
    .where('person_id', '=', person.id)
    .execute();
  if (known.length >= PASSKEYS_MAX) {
    throw new HofjeError('passkey.too-many', `A person has ${PASSKEYS_MAX} passkeys at most.`, { hint: 'Remove one.' });
  }
  const { secret } = await openChallenge(context, 'passkey-new', person.id);
  const options = await generateRegistrationOptions({
    rpName: NAME,
    rpID: site.id,
    userName: person.email,
    userDisplayName: person.name,
    userID: new Uint8Array(Buffer.from(person.id)),
    challenge: new Uint8Array(Buffer.from(secret, 'base64url')),
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map((each) => ({
      id: each.credential_id.toString('base64url'),
      transports: each.transports,
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return { ...options };
}

/** What an authenticator made. */
type NewPasskey = WebAuthnCredential;

/** The passkey in an answer to a challenge for this person, once. Throws `passkey.refused`. */
export async function checkNewPasskey(context: Context, person: PersonId, response: Response): Promise<NewPasskey> {
  const site = requireSite(context);
  await useChallenge(context, 'passkey-new', response, person);
  const verified = await verifyRegistrationResponse({
    response: response as unknown as RegistrationResponseJSON,
    expectedChallenge: () => true,
    expectedOrigin: site.origin,
    expectedRPID: site.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => undefined);
  if (verified?.verified !== true) throw refused();
  return verified.registrationInfo.credential;
}

/** Throws `passkey.refused` when somebody has it already. */
export async function keepPasskey(
  context: Context,
  tx: Tx,
  person: PersonId,
  name: string,
  passkey: NewPasskey,
): Promise<PasskeyId> {
  const kept = await tx
    .insertInto('passkey')
    .values({
      id: makeId('passkey', context.random(20)),
      person_id: person,
      credential_id: Buffer.from(passkey.id, 'base64url'),
      public_key: Buffer.from(passkey.publicKey),
      counter: passkey.counter,
      transports: (passkey.transports ?? []).filter((each) => /^[a-z-]{1,30}$/.test(each)).slice(0, 10),
      name,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (kept === undefined) throw refused();
  return kept.id;
}

/** What to ask an authenticator as a proof: of this person, or of whoever has a passkey here. */
export async function askPasskeyProof(
  context: Context,
  purpose: Exclude<ChallengePurpose, 'log-in' | 'passkey-new'>,
  person: PersonId | null,
): Promise<Options> {
  const site = requireSite(context);
  const { secret } = await openChallenge(context, purpose, person);
  const known =
    person === null
      ? []
      : await context.db
          .selectFrom('passkey')
          .select(['credential_id', 'transports'])
          .where('person_id', '=', person)
          .execute();
  const options = await generateAuthenticationOptions({
    rpID: site.id,
    challenge: new Uint8Array(Buffer.from(secret, 'base64url')),
    userVerification: 'required',
    allowCredentials: known.map((each) => ({
      id: each.credential_id.toString('base64url'),
      transports: each.transports,
    })),
  });
  return { ...options };
}

/**
 * Whose passkey answered, when it did so rightly: to a challenge for this purpose (and person, where one is known), once, on
 * our own site, with the person verified by the authenticator, and with a counter that has grown. Throws `passkey.refused`.
 */
export async function checkPasskeyProof(
  context: Context,
  db: Db,
  purpose: Exclude<ChallengePurpose, 'log-in' | 'passkey-new'>,
  person: PersonId | null,
  response: Response,
): Promise<PersonId> {
  const site = requireSite(context);
  await useChallenge(context, purpose, response, person);
  const row = await db
    .selectFrom('passkey')
    .innerJoin('person', 'person.id', 'passkey.person_id')
    .selectAll('passkey')
    .where('credential_id', '=', Buffer.from(response.id, 'base64url'))
    .where('person.disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined || (person !== null && row.person_id !== person)) throw refused();
  if (!isHandleOf(response, row.person_id)) throw refused();
  const verified = await verifyAuthenticationResponse({
    response: response as unknown as AuthenticationResponseJSON,
    expectedChallenge: () => true,
    expectedOrigin: site.origin,
    expectedRPID: site.id,
    requireUserVerification: true,
    credential: {
      id: row.credential_id.toString('base64url'),
      publicKey: new Uint8Array(row.public_key),
      counter: row.counter,
    },
  }).catch(() => undefined);
  if (verified?.verified !== true) throw refused();
  const { newCounter } = verified.authenticationInfo;
  const used = await db
    .updateTable('passkey')
    .set({ counter: newCounter, last_used_at: context.now() })
    .where('id', '=', row.id)
    // Two answers with the same count at the same time are a copy of the key; authenticators without a counter say 0.
    .where(sql<boolean>`(counter < ${newCounter} or (counter = 0 and ${newCounter} = 0))`)
    .returning('id')
    .executeTakeFirst();
  if (used === undefined) throw refused();
  return row.person_id;
}

/** The challenge that an answer carries is one of ours, for this, and is used up by it however the answer turns out. */
async function useChallenge(
  context: Context,
  purpose: ChallengePurpose,
  response: Response,
  person: PersonId | null,
): Promise<void> {
  const challenge = await takeChallenge(context, context.db, purpose, challengeOf(response));
  if (challenge === undefined || challenge.person !== person) throw refused();
}

/** The challenge in the client's data, which the authenticator has signed. */
function challengeOf(response: Response): string {
  try {
    const text = Buffer.from(String(response.response['clientDataJSON']), 'base64url').toString();
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object' && data !== null && 'challenge' in data && typeof data.challenge === 'string')
      return data.challenge;
  } catch {
    // No client data at all: an empty challenge, which is nobody's.
  }
  return '';
}

/** The user that the authenticator names, where it does. */
function isHandleOf(response: Response, person: PersonId): boolean {
  const handle = response.response['userHandle'];
  if (handle === undefined || handle === null) return true;
  const named = typeof handle === 'string' ? Buffer.from(handle, 'base64url').toString() : '';
  return isId('person', named) && named === person;
}
