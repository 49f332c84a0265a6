-- Hints of a domain and its mail say which domain: people who work on a site of it see them, and no others.
alter table event add column domain_id text;
alter table audit_draft add column domain_id text;

drop function event_emit(text, text, text, text, text, integer);
-- Must be the last statement of a transaction, or come from a deferred trigger: numbers are given in the order of commits,
-- and so whoever has seen n has missed nothing below it.
create function event_emit(kind text, object text, account text, site text, domain text, person text, version integer)
returns bigint language plpgsql as $$
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

create or replace function audit_seal() returns trigger language plpgsql as $$
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
