import { HofjeError } from '#model/error.ts';

/** Unique indexes as what their violation means to a caller. */
const MEANINGS: Readonly<Record<string, () => HofjeError>> = {
  account_name: () => new HofjeError('account.name-taken', 'There is an account of this name.', { field: 'name' }),
  person_email: () => new HofjeError('person.exists', 'There is a person with this address.', { field: 'email' }),
  node_name_key: () => new HofjeError('node.name-taken', 'There is a node of this name.', { field: 'name' }),
  site_host_pkey: () => new HofjeError('site.name-taken', 'The site has this name.', { field: 'domain' }),
  site_host_name: () => new HofjeError('site.name-taken', 'A site of this account has this name.', { field: 'domain' }),
  domain_claim: () => new HofjeError('domain.taken', 'The account has this domain already.', { field: 'name' }),
  domain_established: () => new HofjeError('domain.taken', 'The domain belongs to somebody else.', { field: 'name' }),
  mailbox_domain_id_local_part_key: () => new HofjeError('address.taken', 'The address exists.', { field: 'address' }),
  forwarder_domain_id_local_part_key: () =>
    new HofjeError('address.taken', 'The address exists.', { field: 'address' }),
};

const UNIQUE_VIOLATION = '23505';

/** The HofjeError behind a violated constraint, or undefined when it is another error. */
export function constraintError(error: Error): HofjeError | undefined {
  if (!('code' in error) || error.code !== UNIQUE_VIOLATION || !('constraint' in error)) return undefined;
  return typeof error.constraint === 'string' ? MEANINGS[error.constraint]?.() : undefined;
}
