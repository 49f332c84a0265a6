-- People, what they may do, and how they prove who they are.

-- Addresses are stored in lower case. `totp_secret` is sealed; `totp_last_step` is the last time step that was used.
create table person (
  id text primary key,
  email text not null,
  name text not null,
  language text not null default 'en' check (language in ('nl', 'en')),
  operator_role text check (operator_role in ('administrator', 'support', 'approver')),
  password_hash text,
  password_changed_at timestamptz,
  totp_secret bytea,
  totp_confirmed_at timestamptz,
  totp_last_step bigint,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);
create unique index person_email on person (email);
create index person_list on person (email, id);

create table recovery_code (
  person_id text not null references person on delete cascade,
  hash bytea not null,
  used_at timestamptz,
  primary key (person_id, hash)
);

create table passkey (
  id text primary key,
  person_id text not null references person on delete cascade,
  credential_id bytea not null unique,
  public_key bytea not null,
  counter bigint not null default 0,
  transports text[] not null default '{}',
  name text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkey_person on passkey (person_id);

-- Half-done proofs, each good once: WebAuthn challenges, log-ins that still need a second factor. SHA-256 of what the
-- client holds.
create table challenge (
  hash bytea primary key,
  person_id text references person on delete cascade,
  purpose text not null,
  value bytea not null,
  expires_at timestamptz not null
);
create index challenge_age on challenge (expires_at);
create index challenge_person on challenge (person_id);

create table membership (
  person_id text not null references person on delete cascade,
  account_id text not null references account on delete cascade,
  role text not null check (role in ('owner', 'collaborator', 'reader')),
  created_at timestamptz not null default now(),
  primary key (person_id, account_id)
);
create index membership_account on membership (account_id, person_id);

-- The sites that a collaborator works on; he sees no other.
create table membership_site (
  person_id text not null,
  account_id text not null,
  site_id text not null references site on delete cascade,
  primary key (person_id, account_id, site_id),
  foreign key (person_id, account_id) references membership on delete cascade
);
create index membership_site_site on membership_site (site_id);

-- The right to become a member or an operator: whoever shows the token has it, once.
create table invitation (
  id text primary key,
  account_id text references account on delete cascade,
  operator_role text check (operator_role in ('administrator', 'support', 'approver')),
  role text check (role in ('owner', 'collaborator', 'reader')),
  sites text[] not null default '{}',
  email text,
  token_hash bytea not null unique,
  invited_by text references person on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by text references person on delete set null,
  revoked_at timestamptz,
  check ((account_id is null) = (role is null)),
  check ((account_id is null) = (operator_role is not null)),
  check (accepted_at is null or revoked_at is null)
);
create index invitation_account on invitation (account_id, id);
create index invitation_inviter on invitation (invited_by);
create index invitation_accepter on invitation (accepted_by);

-- An operator looks into somebody's account, with a reason and for a time.
create table support_access (
  id text primary key,
  person_id text not null references person on delete cascade,
  account_id text not null references account on delete cascade,
  reason text not null,
  writes boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  allowed_by text references person on delete set null
);
create index support_access_account on support_access (account_id, id);
create index support_access_person on support_access (person_id, id);
create index support_access_allower on support_access (allowed_by);

-- A log-in of a person, or of a mailbox's own user. `proven_at`: when a factor was shown last.
create table session (
  id text primary key,
  token_hash bytea not null unique,
  person_id text references person on delete cascade,
  mailbox_id text references mailbox on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  proven_at timestamptz not null,
  factors text[] not null default '{}',
  address text not null default '',
  user_agent text not null default '',
  support_access_id text references support_access on delete set null,
  check ((person_id is null) <> (mailbox_id is null))
);
create index session_person on session (person_id, id);
create index session_mailbox on session (mailbox_id, id);
create index session_age on session (expires_at);
create index session_support on session (support_access_id);

-- Personal API tokens, and what of the person's rights each carries.
create table token (
  id text primary key,
  person_id text not null references person on delete cascade,
  name text not null,
  hash bytea not null unique,
  scopes text[] not null,
  account_id text references account on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index token_person on token (person_id, id);
create index token_account on token (account_id);

-- Links that let somebody in once.
create table login_link (
  token_hash bytea primary key,
  person_id text not null references person on delete cascade,
  purpose text not null check (purpose in ('login', 'reset', 'first')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index login_link_person on login_link (person_id);
create index login_link_age on login_link (expires_at);

-- Failures of one key (a person, an address) within a span of time.
create table throttle (
  key text primary key,
  failures integer not null,
  window_started_at timestamptz not null,
  blocked_until timestamptz
);
create index throttle_age on throttle (window_started_at);

-- Which plans a customer may choose himself.
alter table plan add column orderable boolean not null default false;
update plan set orderable = true where name = 'small';
