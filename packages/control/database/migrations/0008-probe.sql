-- What probes found last. One row for a whole look: the facts of some eighty probes through one door belong together, and
-- rows of single facts would be a hundred times as many.
create table probe_look (
  node_id text not null references node on delete cascade,
  -- Null: the decoy that the platform looks from on this node.
  site_id text references site on delete cascade,
  place text collate "C" not null generated always as (coalesce(site_id, node_id)) stored,
  door text not null,
  tried_at timestamptz not null,
  -- Why the last try found nothing out; what was found before stands.
  failure text,
  -- Of the last look that took place.
  at timestamptz,
  instance text,
  image text,
  results jsonb not null default '[]',
  -- The probes among the results that are open.
  holes text[] not null default '{}',
  primary key (place, door)
);
create index probe_look_node on probe_look (node_id, place, door);
create index probe_look_site on probe_look (site_id) where site_id is not null;
create index probe_look_holes on probe_look (place, door) where holes <> '{}';

-- What the same program saw on a node in a container without isolation: that probes which see nothing elsewhere can see.
create table probe_control (
  node_id text primary key references node on delete cascade,
  at timestamptz not null,
  -- Of the decoys at that time.
  image text,
  sightings jsonb not null
);

-- A run that somebody asked for: how far it is, and when there may be another.
create table probe_run (
  site_id text primary key references site on delete cascade,
  started_at timestamptz not null,
  ended_at timestamptz,
  steps integer not null check (steps > 0),
  done integer not null default 0,
  trouble text
);

-- What the control plane itself has to complain of about a node: its own alarms come with its reports.
alter table node add column probe_alarms jsonb not null default '[]';

-- Since when a site runs its image; for those that ran before this was noted, not known.
alter table site_report add column image_since timestamptz;
