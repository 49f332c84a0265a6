-- Enough rows that a plan which reads a whole table shows itself.
insert into node (id, name) values ('node_00000000000000000000', 'node1');
insert into node (id, name) select 'node_x' || n, 'other' || n from generate_series(1, 500) n;
insert into plan (name, limits) values ('small', '{}');
insert into image (digest, kind, built_at) values ('sha256:0', 'site-php8.2', now());
insert into account (id, name, email) select 'acc_' || lpad(n::text, 20, '0'), 'a' || n, 'x@example.net' from generate_series(0, 2000) n;
insert into account (id, name, email, deleted_at, purge_after)
  select 'acc_d' || n, 'd' || n, 'x@example.net', now(), now() from generate_series(1, 1000) n;
insert into domain (id, account_id, node_id, name, mail_limit_bytes, proof_token, established_at, established_by)
  select 'dom_' || lpad(n::text, 20, '0'), 'acc_' || lpad((n % 2000)::text, 20, '0'), 'node_00000000000000000000',
    'd' || n || '.example', 1, '', now(), 'dns' from generate_series(0, 10000) n;
insert into site (id, account_id, node_id, plan, image, name, revision)
  select 'site_' || n, 'acc_' || lpad((n % 2000)::text, 20, '0'), 'node_00000000000000000000', 'small', 'sha256:0',
    'd' || n || '.example', 1 from generate_series(0, 10000) n;
insert into site (id, account_id, node_id, plan, image, name, revision, deleted_at, purge_after)
  select 'site_d' || n, 'acc_' || lpad((n % 2000)::text, 20, '0'), 'node_00000000000000000000', 'small', 'sha256:0',
    'd' || n || '.example', 1, now(), now() from generate_series(0, 2000) n;
insert into mailbox (id, domain_id, account_id, local_part, address, password_hash, quota_bytes)
  select 'mbx_' || n, 'dom_' || lpad((n % 10000)::text, 20, '0'), 'acc_' || lpad((n % 10000 % 2000)::text, 20, '0'),
    'm' || n, 'm' || n || '@d.example', '', 1
  from generate_series(0, 20000) n;
insert into forwarder (id, domain_id, account_id, local_part, address, kind, targets)
  select 'fwd_' || n, 'dom_' || lpad((n % 10000)::text, 20, '0'), 'acc_' || lpad((n % 10000 % 2000)::text, 20, '0'),
    'f' || n, 'f' || n || '@d.example', 'addresses', '{}'
  from generate_series(0, 20000) n;
-- One account with much mail.
insert into mailbox (id, domain_id, account_id, local_part, address, password_hash, quota_bytes)
  select 'mbx_' || n, 'dom_' || lpad('0', 20, '0'), 'acc_' || lpad('0', 20, '0'), 'm' || n, 'm' || n || '@d.example', '', 1
  from generate_series(30000, 35000) n;
insert into forwarder (id, domain_id, account_id, local_part, address, kind, targets)
  select 'fwd_' || n, 'dom_' || lpad('0', 20, '0'), 'acc_' || lpad('0', 20, '0'), 'f' || n, 'f' || n || '@d.example',
    'addresses', '{}' from generate_series(30000, 35000) n;
insert into person (id, email, name) select 'per_f' || n, 'p' || n || '@example.net', 'P' from generate_series(0, 20000) n;
insert into membership (person_id, account_id, role)
  select 'per_f' || n, 'acc_' || lpad((n % 2000)::text, 20, '0'), 'reader' from generate_series(0, 20000) n;
insert into probe_look (node_id, site_id, door, tried_at, holes)
  select 'node_00000000000000000000', 'site_' || n, door, now(), case when n % 5000 = 7 then '{call.mount}'::text[] else '{}' end
  from generate_series(0, 10000) n, unnest(array['exec', 'mail-pipe', 'upload']) door;
analyze;
