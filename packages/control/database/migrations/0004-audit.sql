-- The audit as a chain, and the hints that follow from it. See model/audit.

alter table audit rename to audit_before;
alter index audit_pkey rename to audit_before_pkey;
drop index audit_object;
drop index audit_age;

-- Where each chain ends: that of the installation, and one of each account. What was pruned is told by its last hash.
create table audit_chain (
  chain text primary key,
  sequence bigint not null,
  hash bytea not null,
  pruned_sequence bigint not null default 0,
  pruned_hash bytea not null default '\x0000000000000000000000000000000000000000000000000000000000000000'
) with (fillfactor = 50);

-- `body` is the canonical JSON of an entry: what the hash covers. Everything that is looked for is computed from it, so that
-- there is nothing beside it to alter. `account_body`: how people of the account see it, where that is not the same.
create table audit (
  sequence bigint primary key,
  hash bytea not null,
  body text not null,
  account_sequence bigint,
  account_hash bytea,
  account_body text,
  at text collate "C" not null generated always as (body::jsonb ->> 'at') stored,
  who text not null generated always as (body::jsonb ->> 'who') stored,
  action text not null generated always as (body::jsonb ->> 'action') stored,
  object text not null generated always as (body::jsonb ->> 'object') stored,
  account_id text generated always as (body::jsonb ->> 'account') stored,
  site_id text generated always as (body::jsonb ->> 'site') stored
);
create index audit_at on audit (at, hash);
create index audit_who on audit (who, at, hash);
create index audit_action on audit (action, at, hash);
create index audit_object on audit (object, at, hash);
create index audit_account on audit (account_id, at, hash) where account_id is not null;
create unique index audit_account_chain on audit (account_id, account_sequence) where account_id is not null;
create index audit_site on audit (site_id, at, hash) where site_id is not null;

-- Entries of transactions that are not yet committed. Nobody ever sees a row.
create unlogged table audit_draft (
  id bigint generated always as identity primary key,
  body text not null,
  account_body text,
  -- For the hint to open pages; none without a kind.
  kind text,
  version integer
);

create table event_head (
  only_one boolean primary key default true check (only_one),
  id bigint not null default 0
) with (fillfactor = 50);
insert into event_head default values;

-- Hints for open pages: something is not as it was. Kept for a time, so that a page goes on where it broke off.
create table event (
  id bigint primary key,
  at timestamptz not null default now(),
  kind text not null,
  object text not null,
  account_id text,
  site_id text,
  person_id text,
  version integer
);
create index event_age on event (at);

create function audit_hash(chain text, sequence bigint, previous bytea, body text) returns bytea
language sql immutable strict as $$
  select sha256(convert_to(concat_ws(E'\n', 'hofje-audit-1', chain, sequence, encode(previous, 'hex'), body), 'UTF8'))
$$;

-- One more link. The row of the chain stays locked until the commit, so entries stand in the order of commits.
create function audit_link(name text, body text, out link_sequence bigint, out link_hash bytea)
language sql as $$
  insert into audit_chain as present (chain, sequence, hash)
  values (name, 1, audit_hash(name, 1, decode(repeat('00', 32), 'hex'), body))
  on conflict (chain) do update
  set sequence = present.sequence + 1, hash = audit_hash(name, present.sequence + 1, present.hash, body)
  returning sequence, hash
$$;

-- Must be the last statement of a transaction, or come from a deferred trigger: numbers are given in the order of commits,
-- and so whoever has seen n has missed nothing below it.
create function event_emit(kind text, object text, account text, site text, person text, version integer) returns bigint
language plpgsql as $$
declare
  number bigint;
begin
  update event_head set id = event_head.id + 1 returning event_head.id into number;
  insert into event (id, kind, object, account_id, site_id, person_id, version)
  values (number, kind, object, account, site, person, version);
  perform pg_notify('hofje_event', json_build_object('id', number, 'kind', kind, 'object', object, 'account', account,
    'site', site, 'person', person, 'version', version)::text);
  return number;
end
$$;

-- Deferred to the commit: the lock that puts entries in order is the last one that a transaction takes, and is held only
-- while it commits.
create function audit_seal() returns trigger language plpgsql as $$
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
    perform event_emit(new.kind, entry ->> 'object', account, entry ->> 'site',
      case when entry ->> 'who' like 'per\_%' then entry ->> 'who' end, new.version);
  end if;
  return null;
end
$$;
create constraint trigger audit_seal after insert on audit_draft
  deferrable initially deferred for each row execute function audit_seal();

-- Against accidents: rows are only added. Pruning says so in its transaction.
create function audit_keep() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('hofje.prunes_audit', true) = 'yes' then
    return old;
  end if;
  raise exception 'entries of the audit are not changed';
end
$$;
create trigger audit_keep before update or delete on audit for each row execute function audit_keep();

-- What was recorded before becomes the beginning of the chain.
insert into audit_draft (body)
select '{"account":null,"action":' || to_json(action) || ',"after":{"detail":' || to_json(detail::text) || '},"at":"'
  || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","before":null,"credential":null,"from":null,"object":'
  || to_json(object) || ',"operator":true,"request":' || to_json(request_id) || ',"site":null,"support":null,"through":'
  || case when caller like 'node\_%' then '"node"' else '"machine"' end || ',"who":'
  || case when caller = 'operator' then '"machine"' else to_json(caller)::text end || '}'
from audit_before order by id;
set constraints audit_seal immediate;
set constraints audit_seal deferred;
drop table audit_before;
