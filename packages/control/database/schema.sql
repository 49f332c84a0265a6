CREATE FUNCTION public.audit_hash(chain text, sequence bigint, previous bytea, body text) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT
    AS $$
  select sha256(convert_to(concat_ws(E'\n', 'hofje-audit-1', chain, sequence, encode(previous, 'hex'), body), 'UTF8'))
$$;
CREATE FUNCTION public.audit_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if tg_op = 'DELETE' and current_setting('hofje.prunes_audit', true) = 'yes' then
    return old;
  end if;
  raise exception 'entries of the audit are not changed';
end
$$;
CREATE FUNCTION public.audit_link(name text, body text, OUT link_sequence bigint, OUT link_hash bytea) RETURNS record
    LANGUAGE sql
    AS $$
  insert into audit_chain as present (chain, sequence, hash)
  values (name, 1, audit_hash(name, 1, decode(repeat('00', 32), 'hex'), body))
  on conflict (chain) do update
  set sequence = present.sequence + 1, hash = audit_hash(name, present.sequence + 1, present.hash, body)
  returning sequence, hash
$$;
CREATE FUNCTION public.audit_seal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
  entry jsonb := new.body::jsonb;
  account text := entry ->> 'account';
  link record;
  account_link record;
begin
  delete from audit_draft where id = new.id;
  select * into link from audit_link('installation', new.body);
  if account is null then
    insert into audit (sequence, hash, body) values (link.link_sequence, link.link_hash, new.body);
  else
    select * into account_link from audit_link(account, coalesce(new.account_body, new.body));
    insert into audit (sequence, hash, body, account_sequence, account_hash, account_body)
    values (link.link_sequence, link.link_hash, new.body, account_link.link_sequence, account_link.link_hash, new.account_body);
  end if;
  if new.kind is not null then
    perform event_emit(new.kind, entry ->> 'object', account, entry ->> 'site', new.domain_id,
      case when entry ->> 'who' like 'per\_%' then entry ->> 'who' end, new.version);
  end if;
  return null;
end
$$;
CREATE FUNCTION public.event_emit(kind text, object text, account text, site text, domain text, person text, version integer) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
  number bigint;
begin
  update event_head set id = event_head.id + 1 returning event_head.id into number;
  insert into event (id, kind, object, account_id, site_id, domain_id, person_id, version)
  values (number, kind, object, account, site, domain, person, version);
  perform pg_notify('hofje_event', json_build_object('id', number, 'kind', kind, 'object', object, 'account', account,
    'site', site, 'domain', domain, 'person', person, 'version', version)::text);
  return number;
end
$$;
CREATE FUNCTION public.event_seal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  delete from event_draft where id = new.id;
  -- In the order in which an entry of the audit locks, should a transaction have both.
  perform from audit_chain where chain = 'installation' for update;
  perform event_emit(new.kind, new.object, new.account_id, new.site_id, null, null, null);
  return null;
end
$$;
CREATE TABLE public.account (
    id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    purge_after timestamp with time zone,
    CONSTRAINT account_check CHECK (((deleted_at IS NULL) = (purge_after IS NULL)))
);
CREATE TABLE public.audit (
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    body text NOT NULL,
    account_sequence bigint,
    account_hash bytea,
    account_body text,
    at text GENERATED ALWAYS AS (((body)::jsonb ->> 'at'::text)) STORED NOT NULL COLLATE pg_catalog."C",
    who text GENERATED ALWAYS AS (((body)::jsonb ->> 'who'::text)) STORED NOT NULL,
    action text GENERATED ALWAYS AS (((body)::jsonb ->> 'action'::text)) STORED NOT NULL,
    object text GENERATED ALWAYS AS (((body)::jsonb ->> 'object'::text)) STORED NOT NULL,
    account_id text GENERATED ALWAYS AS (((body)::jsonb ->> 'account'::text)) STORED,
    site_id text GENERATED ALWAYS AS (((body)::jsonb ->> 'site'::text)) STORED
);
CREATE TABLE public.audit_chain (
    chain text NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    pruned_sequence bigint DEFAULT 0 NOT NULL,
    pruned_hash bytea DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea NOT NULL
)
WITH (fillfactor='50');
CREATE UNLOGGED TABLE public.audit_draft (
    id bigint NOT NULL,
    body text NOT NULL,
    account_body text,
    kind text,
    version integer,
    domain_id text
);
ALTER TABLE public.audit_draft ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.challenge (
    hash bytea NOT NULL,
    person_id text,
    purpose text NOT NULL,
    value bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.domain (
    id text NOT NULL,
    account_id text NOT NULL,
    node_id text NOT NULL,
    name text NOT NULL,
    mail boolean DEFAULT true NOT NULL,
    mail_limit_bytes bigint NOT NULL,
    proof_token text NOT NULL,
    established_at timestamp with time zone,
    established_by text,
    override_reason text,
    override_by text,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    deleted_with text,
    purge_after timestamp with time zone,
    CONSTRAINT domain_check CHECK (((established_at IS NULL) = (established_by IS NULL))),
    CONSTRAINT domain_check1 CHECK (((NOT (established_by IS DISTINCT FROM 'override'::text)) = (override_reason IS NOT NULL))),
    CONSTRAINT domain_check2 CHECK (((deleted_at IS NULL) = (purge_after IS NULL))),
    CONSTRAINT domain_deleted_with_check CHECK ((deleted_with = 'account'::text)),
    CONSTRAINT domain_established_by_check CHECK ((established_by = ANY (ARRAY['dns'::text, 'parent'::text, 'override'::text])))
);
CREATE TABLE public.event (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    kind text NOT NULL,
    object text NOT NULL,
    account_id text,
    site_id text,
    person_id text,
    version integer,
    domain_id text
);
CREATE UNLOGGED TABLE public.event_draft (
    id bigint NOT NULL,
    kind text NOT NULL,
    object text NOT NULL,
    account_id text,
    site_id text
);
ALTER TABLE public.event_draft ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.event_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.event_head (
    only_one boolean DEFAULT true NOT NULL,
    id bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_head_only_one_check CHECK (only_one)
)
WITH (fillfactor='50');
CREATE TABLE public.forwarder (
    id text NOT NULL,
    domain_id text NOT NULL,
    local_part text NOT NULL,
    address text NOT NULL,
    kind text NOT NULL,
    targets text[],
    site_id text,
    command text,
    argv text[],
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    account_id text NOT NULL,
    CONSTRAINT forwarder_check CHECK (((kind = 'addresses'::text) = (targets IS NOT NULL))),
    CONSTRAINT forwarder_check1 CHECK (((kind = 'pipe'::text) = ((site_id IS NOT NULL) AND (command IS NOT NULL) AND (argv IS NOT NULL)))),
    CONSTRAINT forwarder_kind_check CHECK ((kind = ANY (ARRAY['addresses'::text, 'pipe'::text])))
);
CREATE TABLE public.idempotency (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    answer bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.image (
    digest text NOT NULL,
    kind text NOT NULL,
    lock jsonb DEFAULT '{}'::jsonb NOT NULL,
    built_at timestamp with time zone NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    current boolean DEFAULT false NOT NULL
);
CREATE TABLE public.installation (
    only_one boolean DEFAULT true NOT NULL,
    id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT installation_only_one_check CHECK (only_one)
);
CREATE TABLE public.invitation (
    id text NOT NULL,
    account_id text,
    operator_role text,
    role text,
    sites text[] DEFAULT '{}'::text[] NOT NULL,
    email text,
    token_hash bytea NOT NULL,
    invited_by text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    accepted_by text,
    revoked_at timestamp with time zone,
    CONSTRAINT invitation_check CHECK (((account_id IS NULL) = (role IS NULL))),
    CONSTRAINT invitation_check1 CHECK (((account_id IS NULL) = (operator_role IS NOT NULL))),
    CONSTRAINT invitation_check2 CHECK (((accepted_at IS NULL) OR (revoked_at IS NULL))),
    CONSTRAINT invitation_operator_role_check CHECK ((operator_role = ANY (ARRAY['administrator'::text, 'support'::text, 'approver'::text]))),
    CONSTRAINT invitation_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'collaborator'::text, 'reader'::text])))
);
CREATE TABLE public.login_link (
    token_hash bytea NOT NULL,
    person_id text NOT NULL,
    purpose text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT login_link_purpose_check CHECK ((purpose = ANY (ARRAY['login'::text, 'reset'::text, 'first'::text])))
);
CREATE TABLE public.mailbox (
    id text NOT NULL,
    domain_id text NOT NULL,
    local_part text NOT NULL,
    address text NOT NULL,
    password_hash text NOT NULL,
    quota_bytes bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    account_id text NOT NULL
);
CREATE TABLE public.membership (
    person_id text NOT NULL,
    account_id text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT membership_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'collaborator'::text, 'reader'::text])))
);
CREATE TABLE public.membership_site (
    person_id text NOT NULL,
    account_id text NOT NULL,
    site_id text NOT NULL
);
CREATE TABLE public.migration (
    number integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.node (
    id text NOT NULL,
    name text NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    applied_revision bigint,
    edge_image text,
    mail_image text,
    facts jsonb,
    alarms jsonb DEFAULT '[]'::jsonb NOT NULL,
    services jsonb DEFAULT '[]'::jsonb NOT NULL,
    enrolled_at timestamp with time zone,
    last_seen_at timestamp with time zone,
    linked_to text,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    probe_alarms jsonb DEFAULT '[]'::jsonb NOT NULL
);
CREATE TABLE public.node_certificate (
    serial text NOT NULL,
    node_id text NOT NULL,
    issued_at timestamp with time zone DEFAULT now() NOT NULL,
    not_after timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
CREATE TABLE public.node_enrolment (
    token_hash bytea NOT NULL,
    node_id text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    key_hash bytea
);
CREATE TABLE public.passkey (
    id text NOT NULL,
    person_id text NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    counter bigint DEFAULT 0 NOT NULL,
    transports text[] DEFAULT '{}'::text[] NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone
);
CREATE TABLE public.person (
    id text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    operator_role text,
    password_hash text,
    password_changed_at timestamp with time zone,
    totp_secret bytea,
    totp_confirmed_at timestamp with time zone,
    totp_last_step bigint,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT person_language_check CHECK ((language = ANY (ARRAY['nl'::text, 'en'::text]))),
    CONSTRAINT person_operator_role_check CHECK ((operator_role = ANY (ARRAY['administrator'::text, 'support'::text, 'approver'::text])))
);
CREATE TABLE public.plan (
    name text NOT NULL,
    limits jsonb NOT NULL,
    orderable boolean DEFAULT false NOT NULL
);
CREATE TABLE public.probe_control (
    node_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    image text,
    sightings jsonb NOT NULL
);
CREATE TABLE public.probe_look (
    node_id text NOT NULL,
    site_id text,
    place text GENERATED ALWAYS AS (COALESCE(site_id, node_id)) STORED NOT NULL COLLATE pg_catalog."C",
    door text NOT NULL,
    tried_at timestamp with time zone NOT NULL,
    failure text,
    at timestamp with time zone,
    instance text,
    image text,
    results jsonb DEFAULT '[]'::jsonb NOT NULL,
    holes text[] DEFAULT '{}'::text[] NOT NULL
);
CREATE TABLE public.probe_run (
    site_id text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    steps integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    trouble text,
    CONSTRAINT probe_run_steps_check CHECK ((steps > 0))
);
CREATE TABLE public.recovery_code (
    person_id text NOT NULL,
    hash bytea NOT NULL,
    used_at timestamp with time zone
);
CREATE TABLE public.relay (
    id bigint NOT NULL,
    recipient text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.relay ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.relay_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.session (
    id text NOT NULL,
    token_hash bytea NOT NULL,
    person_id text,
    mailbox_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    proven_at timestamp with time zone NOT NULL,
    factors text[] DEFAULT '{}'::text[] NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    user_agent text DEFAULT ''::text NOT NULL,
    support_access_id text,
    CONSTRAINT session_check CHECK (((person_id IS NULL) <> (mailbox_id IS NULL)))
);
CREATE TABLE public.signal (
    site_id text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seconds integer NOT NULL,
    requests integer NOT NULL,
    status_5xx integer NOT NULL,
    latency integer[] NOT NULL,
    memory_bytes_peak bigint NOT NULL,
    cpu_milliseconds bigint NOT NULL,
    disk_bytes bigint NOT NULL,
    wakes integer NOT NULL,
    entries jsonb NOT NULL,
    faults jsonb NOT NULL
);
CREATE TABLE public.site (
    id text NOT NULL,
    account_id text NOT NULL,
    node_id text NOT NULL,
    plan text NOT NULL,
    image text NOT NULL,
    name text NOT NULL,
    suspended boolean DEFAULT false NOT NULL,
    redirect_to_https boolean DEFAULT true NOT NULL,
    revision bigint NOT NULL,
    tls_chain text,
    tls_key bytea,
    tls_names text[],
    tls_not_after timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    deleted_with text,
    purge_after timestamp with time zone,
    suspended_by text,
    CONSTRAINT site_check CHECK (((deleted_at IS NULL) = (purge_after IS NULL))),
    CONSTRAINT site_check1 CHECK (((tls_chain IS NULL) = (tls_key IS NULL))),
    CONSTRAINT site_check2 CHECK ((suspended = (suspended_by IS NOT NULL))),
    CONSTRAINT site_deleted_with_check CHECK ((deleted_with = 'account'::text)),
    CONSTRAINT site_suspended_by_check CHECK ((suspended_by = ANY (ARRAY['operator'::text, 'account'::text])))
);
CREATE TABLE public.site_host (
    site_id text NOT NULL,
    account_id text NOT NULL,
    domain_id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    live boolean DEFAULT true NOT NULL,
    own_chain text NOT NULL,
    own_key bytea NOT NULL,
    own_not_after timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT site_host_role_check CHECK ((role = ANY (ARRAY['primary'::text, 'alias'::text])))
);
CREATE TABLE public.site_report (
    site_id text NOT NULL,
    state text NOT NULL,
    reason text,
    instance text NOT NULL,
    image text NOT NULL,
    applied bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    image_since timestamp with time zone
);
CREATE TABLE public.support_access (
    id text NOT NULL,
    person_id text NOT NULL,
    account_id text NOT NULL,
    reason text NOT NULL,
    writes boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    allowed_by text
);
CREATE TABLE public.throttle (
    key text NOT NULL,
    failures integer NOT NULL,
    window_started_at timestamp with time zone NOT NULL,
    blocked_until timestamp with time zone
);
CREATE TABLE public.token (
    id text NOT NULL,
    person_id text NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    scopes text[] NOT NULL,
    account_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone
);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_pkey PRIMARY KEY (chain);
ALTER TABLE ONLY public.audit_draft
    ADD CONSTRAINT audit_draft_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY public.challenge
    ADD CONSTRAINT challenge_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.domain
    ADD CONSTRAINT domain_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.domain
    ADD CONSTRAINT domain_whose UNIQUE (id, account_id);
ALTER TABLE ONLY public.event_draft
    ADD CONSTRAINT event_draft_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.event_head
    ADD CONSTRAINT event_head_pkey PRIMARY KEY (only_one);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.forwarder
    ADD CONSTRAINT forwarder_domain_id_local_part_key UNIQUE (domain_id, local_part);
ALTER TABLE ONLY public.forwarder
    ADD CONSTRAINT forwarder_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (caller, key);
ALTER TABLE ONLY public.image
    ADD CONSTRAINT image_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_one);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.login_link
    ADD CONSTRAINT login_link_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.mailbox
    ADD CONSTRAINT mailbox_domain_id_local_part_key UNIQUE (domain_id, local_part);
ALTER TABLE ONLY public.mailbox
    ADD CONSTRAINT mailbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (person_id, account_id);
ALTER TABLE ONLY public.membership_site
    ADD CONSTRAINT membership_site_pkey PRIMARY KEY (person_id, account_id, site_id);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.node_certificate
    ADD CONSTRAINT node_certificate_pkey PRIMARY KEY (serial);
ALTER TABLE ONLY public.node_enrolment
    ADD CONSTRAINT node_enrolment_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_name_key UNIQUE (name);
ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_credential_id_key UNIQUE (credential_id);
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.probe_control
    ADD CONSTRAINT probe_control_pkey PRIMARY KEY (node_id);
ALTER TABLE ONLY public.probe_look
    ADD CONSTRAINT probe_look_pkey PRIMARY KEY (place, door);
ALTER TABLE ONLY public.probe_run
    ADD CONSTRAINT probe_run_pkey PRIMARY KEY (site_id);
ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (person_id, hash);
ALTER TABLE ONLY public.relay
    ADD CONSTRAINT relay_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.signal
    ADD CONSTRAINT signal_pkey PRIMARY KEY (site_id, started_at);
ALTER TABLE ONLY public.site_host
    ADD CONSTRAINT site_host_pkey PRIMARY KEY (site_id, name);
ALTER TABLE ONLY public.site
    ADD CONSTRAINT site_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.site_report
    ADD CONSTRAINT site_report_pkey PRIMARY KEY (site_id);
ALTER TABLE ONLY public.support_access
    ADD CONSTRAINT support_access_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.throttle
    ADD CONSTRAINT throttle_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_hash_key UNIQUE (hash);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (id);
CREATE INDEX account_deleted ON public.account USING btree (name, id) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX account_name ON public.account USING btree (name) WHERE (deleted_at IS NULL);
CREATE INDEX account_search ON public.account USING gin (name public.gin_trgm_ops) WHERE (deleted_at IS NULL);
CREATE INDEX audit_account ON public.audit USING btree (account_id, at, hash) WHERE (account_id IS NOT NULL);
CREATE UNIQUE INDEX audit_account_chain ON public.audit USING btree (account_id, account_sequence) WHERE (account_id IS NOT NULL);
CREATE INDEX audit_action ON public.audit USING btree (action, at, hash);
CREATE INDEX audit_at ON public.audit USING btree (at, hash);
CREATE INDEX audit_object ON public.audit USING btree (object, at, hash);
CREATE INDEX audit_site ON public.audit USING btree (site_id, at, hash) WHERE (site_id IS NOT NULL);
CREATE INDEX audit_who ON public.audit USING btree (who, at, hash);
CREATE INDEX challenge_age ON public.challenge USING btree (expires_at);
CREATE INDEX challenge_person ON public.challenge USING btree (person_id);
CREATE INDEX domain_below ON public.domain USING btree (reverse(name) text_pattern_ops) WHERE ((established_at IS NOT NULL) AND (deleted_at IS NULL));
CREATE UNIQUE INDEX domain_claim ON public.domain USING btree (account_id, name) WHERE (deleted_at IS NULL);
CREATE INDEX domain_deleted ON public.domain USING btree (name, id) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX domain_established ON public.domain USING btree (name) WHERE ((established_at IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX domain_list ON public.domain USING btree (name, id) WHERE (deleted_at IS NULL);
CREATE INDEX domain_node ON public.domain USING btree (node_id);
CREATE INDEX domain_search ON public.domain USING gin (name public.gin_trgm_ops) WHERE (deleted_at IS NULL);
CREATE INDEX event_age ON public.event USING btree (at);
CREATE INDEX forwarder_account ON public.forwarder USING btree (account_id, address, id);
CREATE INDEX forwarder_list ON public.forwarder USING btree (address, id);
CREATE INDEX forwarder_search ON public.forwarder USING gin (address public.gin_trgm_ops);
CREATE INDEX forwarder_site ON public.forwarder USING btree (site_id);
CREATE INDEX idempotency_age ON public.idempotency USING btree (created_at);
CREATE UNIQUE INDEX image_current ON public.image USING btree (kind) WHERE current;
CREATE INDEX image_list ON public.image USING btree (kind, built_at DESC);
CREATE INDEX invitation_accepter ON public.invitation USING btree (accepted_by);
CREATE INDEX invitation_account ON public.invitation USING btree (account_id, id);
CREATE INDEX invitation_inviter ON public.invitation USING btree (invited_by);
CREATE INDEX login_link_age ON public.login_link USING btree (expires_at);
CREATE INDEX login_link_person ON public.login_link USING btree (person_id);
CREATE INDEX mailbox_account ON public.mailbox USING btree (account_id, address, id);
CREATE INDEX mailbox_list ON public.mailbox USING btree (address, id);
CREATE INDEX mailbox_search ON public.mailbox USING gin (address public.gin_trgm_ops);
CREATE INDEX membership_account ON public.membership USING btree (account_id, person_id);
CREATE INDEX membership_site_site ON public.membership_site USING btree (site_id);
CREATE INDEX node_certificate_node ON public.node_certificate USING btree (node_id);
CREATE INDEX node_enrolment_node ON public.node_enrolment USING btree (node_id);
CREATE INDEX passkey_person ON public.passkey USING btree (person_id);
CREATE UNIQUE INDEX person_email ON public.person USING btree (email);
CREATE INDEX person_list ON public.person USING btree (email, id);
CREATE INDEX person_search ON public.person USING gin (email public.gin_trgm_ops, name public.gin_trgm_ops);
CREATE INDEX probe_look_holes ON public.probe_look USING btree (place, door) WHERE (holes <> '{}'::text[]);
CREATE INDEX probe_look_node ON public.probe_look USING btree (node_id, place, door);
CREATE INDEX probe_look_site ON public.probe_look USING btree (site_id) WHERE (site_id IS NOT NULL);
CREATE INDEX relay_recipient ON public.relay USING btree (recipient, id);
CREATE INDEX session_age ON public.session USING btree (expires_at);
CREATE INDEX session_mailbox ON public.session USING btree (mailbox_id, id);
CREATE INDEX session_person ON public.session USING btree (person_id, id);
CREATE INDEX session_support ON public.session USING btree (support_access_id);
CREATE INDEX signal_age ON public.signal USING btree (started_at);
CREATE INDEX site_account ON public.site USING btree (account_id, name, id) WHERE (deleted_at IS NULL);
CREATE INDEX site_deleted ON public.site USING btree (name, id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX site_host_domain ON public.site_host USING btree (domain_id);
CREATE INDEX site_host_lookup ON public.site_host USING btree (name) WHERE live;
CREATE UNIQUE INDEX site_host_name ON public.site_host USING btree (account_id, name) WHERE live;
CREATE INDEX site_host_renewal ON public.site_host USING btree (own_not_after);
CREATE INDEX site_host_search ON public.site_host USING gin (name public.gin_trgm_ops) WHERE live;
CREATE INDEX site_list ON public.site USING btree (name, id) WHERE (deleted_at IS NULL);
CREATE INDEX site_node ON public.site USING btree (node_id);
CREATE INDEX support_access_account ON public.support_access USING btree (account_id, id);
CREATE INDEX support_access_allower ON public.support_access USING btree (allowed_by);
CREATE INDEX support_access_person ON public.support_access USING btree (person_id, id);
CREATE INDEX throttle_age ON public.throttle USING btree (window_started_at);
CREATE INDEX token_account ON public.token USING btree (account_id);
CREATE INDEX token_person ON public.token USING btree (person_id, id);
CREATE TRIGGER audit_keep BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION public.audit_keep();
CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON public.audit_draft DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_seal();
CREATE CONSTRAINT TRIGGER event_seal AFTER INSERT ON public.event_draft DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.event_seal();
ALTER TABLE ONLY public.challenge
    ADD CONSTRAINT challenge_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.domain
    ADD CONSTRAINT domain_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);
ALTER TABLE ONLY public.domain
    ADD CONSTRAINT domain_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.node(id);
ALTER TABLE ONLY public.forwarder
    ADD CONSTRAINT forwarder_domain FOREIGN KEY (domain_id, account_id) REFERENCES public.domain(id, account_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.forwarder
    ADD CONSTRAINT forwarder_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.site(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES public.person(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.person(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.login_link
    ADD CONSTRAINT login_link_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mailbox
    ADD CONSTRAINT mailbox_domain FOREIGN KEY (domain_id, account_id) REFERENCES public.domain(id, account_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.membership_site
    ADD CONSTRAINT membership_site_person_id_account_id_fkey FOREIGN KEY (person_id, account_id) REFERENCES public.membership(person_id, account_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.membership_site
    ADD CONSTRAINT membership_site_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.site(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.node_certificate
    ADD CONSTRAINT node_certificate_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.node(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_edge_image_fkey FOREIGN KEY (edge_image) REFERENCES public.image(digest);
ALTER TABLE ONLY public.node_enrolment
    ADD CONSTRAINT node_enrolment_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.node(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_mail_image_fkey FOREIGN KEY (mail_image) REFERENCES public.image(digest);
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.probe_control
    ADD CONSTRAINT probe_control_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.node(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.probe_look
    ADD CONSTRAINT probe_look_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.node(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.probe_look
    ADD CONSTRAINT probe_look_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.site(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.probe_run
    ADD CONSTRAINT probe_run_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.site(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_mailbox_id_fkey FOREIGN KEY (mailbox_id) REFERENCES public.mailbox(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_support_access_id_fkey FOREIGN KEY (support_access_id) REFERENCES public.support_access(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.signal
    ADD CONSTRAINT signal_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.site(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.site
    ADD CONSTRAINT site_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);
ALTER TABLE ONLY public.site_host
    ADD CONSTRAINT site_host_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);
ALTER TABLE ONLY public.site_host
    ADD CONSTRAINT site_host_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.domain(id);
ALTER TABLE ONLY public.site_host
    ADD CONSTRAINT site_host_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.site(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.site
    ADD CONSTRAINT site_image_fkey FOREIGN KEY (image) REFERENCES public.image(digest);
ALTER TABLE ONLY public.site
    ADD CONSTRAINT site_node_id_fkey FOREIGN KEY (node_id) REFERENCES public.node(id);
ALTER TABLE ONLY public.site
    ADD CONSTRAINT site_plan_fkey FOREIGN KEY (plan) REFERENCES public.plan(name);
ALTER TABLE ONLY public.site_report
    ADD CONSTRAINT site_report_site_id_fkey FOREIGN KEY (site_id) REFERENCES public.site(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.support_access
    ADD CONSTRAINT support_access_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.support_access
    ADD CONSTRAINT support_access_allowed_by_fkey FOREIGN KEY (allowed_by) REFERENCES public.person(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.support_access
    ADD CONSTRAINT support_access_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id) ON DELETE CASCADE;
