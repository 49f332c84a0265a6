/**
 * Opaque identifiers: a prefix that names the noun and 20 characters of Crockford's base 32 (100 bits). They are never
 * reused and carry no meaning, so one may show them to anybody.
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 20;

export const PREFIXES = {
  account: 'acc',
  site: 'site',
  domain: 'dom',
  mailbox: 'mbx',
  forwarder: 'fwd',
  node: 'node',
  instance: 'ins',
  entry: 'ent',
  installation: 'inst',
  person: 'per',
  session: 'ses',
  token: 'tok',
  invitation: 'inv',
  passkey: 'pky',
  support: 'sup',
} as const satisfies Record<string, string>;

export type Noun = keyof typeof PREFIXES;
export type Id<N extends Noun> = `${(typeof PREFIXES)[N]}_${string}`;

export type AccountId = Id<'account'>;
export type SiteId = Id<'site'>;
export type DomainId = Id<'domain'>;
export type MailboxId = Id<'mailbox'>;
export type ForwarderId = Id<'forwarder'>;
export type NodeId = Id<'node'>;
export type InstanceId = Id<'instance'>;
export type EntryId = Id<'entry'>;
export type InstallationId = Id<'installation'>;
export type PersonId = Id<'person'>;
export type SessionId = Id<'session'>;
export type TokenId = Id<'token'>;
export type InvitationId = Id<'invitation'>;
export type PasskeyId = Id<'passkey'>;
export type SupportId = Id<'support'>;

/** Makes an id of random bytes (at least 20 of them; 5 bits of each byte are used). */
export function makeId<N extends Noun>(noun: N, random: Uint8Array): Id<N> {
  return `${PREFIXES[noun]}_${opaqueName(random)}`;
}

/** 20 characters that name nothing: folders, pins and tokens that a customer may come to see. */
export function opaqueName(random: Uint8Array): string {
  if (random.length < LENGTH) throw new RangeError(`an id needs ${LENGTH} random bytes, got ${random.length}`);
  let text = '';
  for (const byte of random.subarray(0, LENGTH)) text += ALPHABET.charAt(byte & 31);
  return text;
}

export function isId<N extends Noun>(noun: N, text: string): text is Id<N> {
  return idPattern(noun).test(text);
}

export function idPattern(noun: Noun): RegExp {
  return new RegExp(`^${PREFIXES[noun]}_[${ALPHABET}]{${LENGTH}}$`);
}
