-- Hints take their numbers at the commit, like entries of the audit, wherever in the transaction they were given: a process
-- that stands still in the middle of one holds nobody up.
create unlogged table event_draft (
  id bigint generated always as identity primary key,
  kind text not null,
  object text not null,
  account_id text,
  site_id text
);

create function event_seal() returns trigger language plpgsql as $$
begin
  delete from event_draft where id = new.id;
  -- In the order in which an entry of the audit locks, should a transaction have both.
  perform from audit_chain where chain = 'installation' for update;
  perform event_emit(new.kind, new.object, new.account_id, new.site_id, null, null, null);
  return null;
end
$$;
create constraint trigger event_seal after insert on event_draft
  deferrable initially deferred for each row execute function event_seal();
