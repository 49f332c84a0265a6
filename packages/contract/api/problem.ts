import { type Static, Type } from 'typebox';

/** RFC 9457, `application/problem+json`. `code` is stable; everything else is for people. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: '`urn:hofje:problem:` and the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.String(),
    field: Type.Optional(Type.String({ description: 'The field or object concerned.' })),
    hint: Type.Optional(Type.String({ description: 'What the reader can do about it.' })),
    requestId: Type.String(),
  },
  { additionalProperties: false },
);
export type Problem = Static<typeof Problem>;
