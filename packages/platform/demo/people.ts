import { addMember } from '#contract/api/membership.ts';
import { createPerson } from '#contract/api/person.ts';
import { makeLoginLink } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import type { OperatorRole } from '#model/right/role.ts';
import type { Client } from '../api/client.ts';

/** Links that let one into the panel once: as a customer of the story, and as the operator. */
export interface DoorLinks {
  readonly customer: string;
  readonly operator: string;
}

const CUSTOMER = { email: 'owner@bakery.example', name: 'The Baker', account: 'bakery' } as const;
const OPERATOR = { email: 'operator@hofje.example', name: 'The Operator' } as const;

/** Makes the two people where they are missing, and a link for each. The story's account must be there. */
export async function doorLinks(client: Client): Promise<DoorLinks> {
  await ensurePerson(client, CUSTOMER.email, CUSTOMER.name);
  const body = { person: CUSTOMER.email, role: 'owner' } as const;
  await unless('membership.exists', client.call(addMember, { params: { account: CUSTOMER.account }, body }));
  await ensurePerson(client, OPERATOR.email, OPERATOR.name, 'administrator');
  return { customer: await linkFor(client, CUSTOMER.email), operator: await linkFor(client, OPERATOR.email) };
}

async function ensurePerson(client: Client, email: string, name: string, operatorRole?: OperatorRole): Promise<void> {
  const body = { email, name, ...(operatorRole && { operatorRole }) };
  await unless('person.exists', client.call(createPerson, { body }));
}

async function linkFor(client: Client, person: string): Promise<string> {
  return (await client.call(makeLoginLink, { body: { person } })).url;
}

/** What is there already is as good as what was made. */
async function unless(code: string, making: Promise<unknown>): Promise<void> {
  await making.catch((error: unknown) => {
    if (!(error instanceof HofjeError) || error.code !== code) throw error;
  });
}
