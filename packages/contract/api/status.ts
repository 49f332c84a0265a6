import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';

/** `/healthz`: the process answers. `/readyz`: it can work, the database included. */
export const Health = Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false });
export type Health = Static<typeof Health>;

export const healthz = endpoint({
  method: 'GET',
  path: '/healthz',
  summary: 'The process answers.',
  status: 200,
  answer: Health,
});

export const readyz = endpoint({
  method: 'GET',
  path: '/readyz',
  summary: 'The process can work: its database answers.',
  status: 200,
  answer: Health,
});
