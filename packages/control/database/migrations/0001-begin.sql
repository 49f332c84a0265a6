-- The installation that this database belongs to; a node refuses desired state of another one.
create table installation (
  only_one boolean primary key default true check (only_one),
  id text not null,
  created_at timestamptz not null default now()
);

create table account (
  id text primary key,
  name text not null,
  email text not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  purge_after timestamptz,
  check ((deleted_at is null) = (purge_after is null))
);
create unique index account_name on account (name) where deleted_at is null;
create index account_deleted on account (name, id) where deleted_at is not null;

create table plan (
  name text primary key,
  limits jsonb not null
);

create table image (
  digest text primary key,
  kind text not null,
  lock jsonb not null default '{}',
  built_at timestamptz not null,
  registered_at timestamptz not null default now(),
  current boolean not null default false
);
create unique index image_current on image (kind) where current;
create index image_list on image (kind, built_at desc);

create table node (
  id text primary key,
  name text not null unique,
  -- Grows with each change of anything that the node should be, in the transaction of that change.
  revision bigint not null default 1,
  applied_revision bigint,
  edge_image text references image,
  mail_image text references image,
  facts jsonb,
  alarms jsonb not null default '[]',
  services jsonb not null default '[]',
  enrolled_at timestamptz,
  last_seen_at timestamptz,
  -- The control-plane process that holds the agent's connection.
  linked_to text,
  version integer not null default 1,
  created_at timestamptz not null default now()
);

create table node_enrolment (
  token_hash bytea primary key,
  node_id text not null references node on delete cascade,
  expires_at timestamptz not null
);
create index node_enrolment_node on node_enrolment (node_id);

create table node_certificate (
  serial text primary key,
  node_id text not null references node on delete cascade,
  issued_at timestamptz not null default now(),
  not_after timestamptz not null,
  revoked_at timestamptz
);
create index node_certificate_node on node_certificate (node_id);

-- A name that an account claims. It is established (served, local for mail) once proven or overridden.
create table domain (
  id text primary key,
  account_id text not null references account,
  node_id text not null references node,
  name text not null,
  mail boolean not null default true,
  mail_limit_bytes bigint not null,
  proof_token text not null,
  established_at timestamptz,
  established_by text check (established_by in ('dns', 'parent', 'override')),
  override_reason text,
  override_by text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_with text check (deleted_with in ('account')),
  purge_after timestamptz,
  check ((established_at is null) = (established_by is null)),
  check ((established_by is not distinct from 'override') = (override_reason is not null)),
  check ((deleted_at is null) = (purge_after is null))
);
create unique index domain_established on domain (name) where established_at is not null and deleted_at is null;
create unique index domain_claim on domain (account_id, name) where deleted_at is null;
create index domain_list on domain (name, id) where deleted_at is null;
create index domain_deleted on domain (name, id) where deleted_at is not null;
create index domain_node on domain (node_id);
-- Finds the names below a name.
create index domain_below on domain (reverse(name) text_pattern_ops)
  where established_at is not null and deleted_at is null;

create table site (
  id text primary key,
  account_id text not null references account,
  node_id text not null references node,
  plan text not null references plan,
  image text not null references image,
  name text not null,
  suspended boolean not null default false,
  redirect_to_https boolean not null default true,
  -- The revision of its node that brought its last change.
  revision bigint not null,
  tls_chain text,
  tls_key bytea,
  tls_names text[],
  tls_not_after timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_with text check (deleted_with in ('account')),
  purge_after timestamptz,
  check ((deleted_at is null) = (purge_after is null)),
  check ((tls_chain is null) = (tls_key is null))
);
create index site_list on site (name, id) where deleted_at is null;
create index site_deleted on site (name, id) where deleted_at is not null;
create index site_account on site (account_id, name, id) where deleted_at is null;
create index site_node on site (node_id);

create table site_host (
  site_id text not null references site on delete cascade,
  account_id text not null references account,
  -- The domain that the name is equal to or below.
  domain_id text not null references domain,
  name text not null,
  role text not null check (role in ('primary', 'alias')),
  -- False while the site is deleted.
  live boolean not null default true,
  own_chain text not null,
  own_key bytea not null,
  own_not_after timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (site_id, name)
);
create unique index site_host_name on site_host (account_id, name) where live;
create index site_host_lookup on site_host (name) where live;
create index site_host_domain on site_host (domain_id);
create index site_host_renewal on site_host (own_not_after);

create table mailbox (
  id text primary key,
  domain_id text not null references domain on delete cascade,
  local_part text not null,
  address text not null,
  password_hash text not null,
  quota_bytes bigint not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  unique (domain_id, local_part)
);
create index mailbox_list on mailbox (address, id);

create table forwarder (
  id text primary key,
  domain_id text not null references domain on delete cascade,
  local_part text not null,
  address text not null,
  kind text not null check (kind in ('addresses', 'pipe')),
  targets text[],
  site_id text references site on delete cascade,
  command text,
  argv text[],
  version integer not null default 1,
  created_at timestamptz not null default now(),
  unique (domain_id, local_part),
  check ((kind = 'addresses') = (targets is not null)),
  check ((kind = 'pipe') = (site_id is not null and command is not null and argv is not null))
);
create index forwarder_list on forwarder (address, id);
create index forwarder_site on forwarder (site_id);

-- What the node said last about a site.
create table site_report (
  site_id text primary key references site on delete cascade,
  state text not null,
  reason text,
  instance text not null,
  image text not null,
  applied bigint not null,
  at timestamptz not null
);

-- A minute of a site, see SignalWindow in the agent's contract.
create table signal (
  site_id text not null references site on delete cascade,
  started_at timestamptz not null,
  seconds integer not null,
  requests integer not null,
  status_5xx integer not null,
  latency integer[] not null,
  memory_bytes_peak bigint not null,
  cpu_milliseconds bigint not null,
  disk_bytes bigint not null,
  wakes integer not null,
  entries jsonb not null,
  faults jsonb not null,
  primary key (site_id, started_at)
);
create index signal_age on signal (started_at);

-- Answers to creations, so that a repeated request makes nothing twice. They may hold secrets and are sealed.
create table idempotency (
  caller text not null,
  key text not null,
  request_hash bytea not null,
  status integer not null,
  answer bytea not null,
  created_at timestamptz not null default now(),
  primary key (caller, key)
);
create index idempotency_age on idempotency (created_at);

-- Who changed what. Rows are only added, and pruned by age.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  caller text not null,
  request_id text not null,
  action text not null,
  object text not null,
  detail jsonb not null default '{}'
);
create index audit_object on audit (object, id);
create index audit_age on audit (at);

-- Messages between control-plane processes, one of which holds a node's connection.
create table relay (
  id bigint generated always as identity primary key,
  recipient text not null,
  body jsonb not null,
  created_at timestamptz not null default now()
);
create index relay_recipient on relay (recipient, id);
