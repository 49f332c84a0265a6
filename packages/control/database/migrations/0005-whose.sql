-- Mail knows its account by itself, so that one index gives an account's mail in order. A domain never changes hands.
alter table domain add constraint domain_whose unique (id, account_id);

alter table mailbox add column account_id text;
update mailbox set account_id = domain.account_id from domain where domain.id = mailbox.domain_id;
alter table mailbox
  alter column account_id set not null,
  drop constraint mailbox_domain_id_fkey,
  add constraint mailbox_domain foreign key (domain_id, account_id) references domain (id, account_id) on delete cascade;
create index mailbox_account on mailbox (account_id, address, id);

alter table forwarder add column account_id text;
update forwarder set account_id = domain.account_id from domain where domain.id = forwarder.domain_id;
alter table forwarder
  alter column account_id set not null,
  drop constraint forwarder_domain_id_fkey,
  add constraint forwarder_domain foreign key (domain_id, account_id) references domain (id, account_id) on delete cascade;
create index forwarder_account on forwarder (account_id, address, id);

-- What an operator has suspended, its owner does not let run again.
alter table site add column suspended_by text check (suspended_by in ('operator', 'account'));
update site set suspended_by = 'operator' where suspended;
alter table site add check (suspended = (suspended_by is not null));
