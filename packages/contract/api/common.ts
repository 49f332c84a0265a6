import { type Static, type TSchema, Type } from 'typebox';
import { idPattern, type Noun } from '#model/id.ts';

/** Schemas that several nouns share. */

export function IdText(noun: Noun) {
  return Type.String({ pattern: idPattern(noun).source, description: `Opaque id of the ${noun}.` });
}

/** A moment, RFC 3339, UTC. */
export const Moment = Type.String({ format: 'date-time', description: 'RFC 3339, UTC.' });
export const MaybeMoment = Type.Union([Moment, Type.Null()]);

/** Counts the changes of an object; a change may name the version that it is based on. */
export const Version = Type.Integer({ minimum: 1, description: 'Grows with each change of the object.' });

/** A short name in URLs and on the command line: lower case letters, digits, inner hyphens. */
export const ShortName = Type.String({ minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' });

/** A host name as a person types it; its rules are in model/domain. */
export const HostName = Type.String({ minLength: 1, maxLength: 1000 });

/** An address as a person types it; its rules are in model/mail. */
export const AddressText = Type.String({ minLength: 1, maxLength: 1000 });

export const Reason = Type.String({
  minLength: 3,
  maxLength: 1000,
  description: 'Kept with the object and in the audit.',
});

/** Where a list goes on, and how much of it to give. */
export const PageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 2000, description: 'From `next` of the page before.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
};

export function Page<T extends TSchema>(item: T) {
  return Type.Object(
    {
      items: Type.Array(item),
      next: Type.Union([Type.String(), Type.Null()], { description: 'Cursor of the next page; null after the last.' }),
    },
    { additionalProperties: false },
  );
}

/** `wait=true` answers when the node has made it so, or says why not after a deadline. */
export const WaitQuery = {
  wait: Type.Optional(Type.Boolean({ default: false, description: 'Answer when the node has made it so.' })),
};

/** What became of a change that was waited for. */
export const Settled = Type.Object(
  {
    applied: Type.Boolean({ description: 'The node has made it so.' }),
    code: Type.Optional(Type.String({ description: 'Why not, as a stable code.' })),
    message: Type.Optional(Type.String({ description: 'Why not, for people.' })),
  },
  { additionalProperties: false },
);
export type Settled = Static<typeof Settled>;
export const MaybeSettled = { settled: Type.Optional(Settled) };

/** For changes: the version that the change is based on, as an alternative to `If-Match`. */
export const BasedOn = { version: Type.Optional(Version) };

/** For deletions: seconds until the data goes; the installation's grace period otherwise. */
export const GraceQuery = {
  grace: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 31_536_000, description: 'Seconds until the data is deleted for good.' }),
  ),
};
