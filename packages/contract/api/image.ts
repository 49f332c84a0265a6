import { type Static, Type } from 'typebox';
import { Moment } from './common.ts';
import { endpoint } from './endpoint.ts';

export const Digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
export const ImageKind = Type.String({
  pattern: '^[a-z][a-z0-9.-]{0,40}$',
  description: '`edge`, `mail`, `site-php8.2`, ...',
});

export const Image = Type.Object(
  {
    digest: Digest,
    kind: ImageKind,
    lock: Type.Record(Type.String(), Type.String(), { description: 'Package name to exact version.' }),
    builtAt: Moment,
    registeredAt: Moment,
    current: Type.Boolean({ description: 'What new sites or nodes of this kind get.' }),
  },
  { additionalProperties: false },
);
export type Image = Static<typeof Image>;

export const registerImage = endpoint({
  method: 'POST',
  path: '/v1/images',
  summary: 'Make an image known; doing so again changes nothing but `current`.',
  body: Type.Object(
    {
      digest: Digest,
      kind: ImageKind,
      lock: Type.Optional(Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 200 }))),
      builtAt: Type.Optional(Moment),
      current: Type.Optional(Type.Boolean({ default: false })),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Image,
  creates: true,
});

export const listImages = endpoint({
  method: 'GET',
  path: '/v1/images',
  summary: 'List images by kind, newest first; for customers the current ones and their own.',
  query: Type.Object({ kind: Type.Optional(ImageKind) }, { additionalProperties: false }),
  status: 200,
  answer: Type.Object({ items: Type.Array(Image) }, { additionalProperties: false }),
});
