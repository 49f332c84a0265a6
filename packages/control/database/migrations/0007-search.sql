-- Whatever has a name is found by any part of it, in an installation of any size.
create extension if not exists pg_trgm;
create index account_search on account using gin (name gin_trgm_ops) where deleted_at is null;
create index site_host_search on site_host using gin (name gin_trgm_ops) where live;
create index domain_search on domain using gin (name gin_trgm_ops) where deleted_at is null;
create index mailbox_search on mailbox using gin (address gin_trgm_ops);
create index forwarder_search on forwarder using gin (address gin_trgm_ops);
create index person_search on person using gin (email gin_trgm_ops, name gin_trgm_ops);
