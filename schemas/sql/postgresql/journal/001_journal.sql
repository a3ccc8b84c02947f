-- The journal. Text that is compared or sorted has collation "C": bytes, as everywhere else, whatever the database's locale.
-- Instants are UTC ticks (100 ns since year 1) or, where SQL must judge them, timestamptz by this server's clock.
CREATE TABLE fact (
  position bigint PRIMARY KEY,
  task_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  partition smallint NOT NULL,
  payload bytea NOT NULL, -- the very bytes that are hashed: never jsonb
  hash bytea NOT NULL,
  UNIQUE (task_id, sequence)
);
CREATE INDEX fact_partition ON fact (partition, position);

-- One row, moved by whoever appends while it holds the journal's lock: positions have no gap, and commit order is position order.
CREATE TABLE journal_end (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), position bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO journal_end (position) VALUES (0);

CREATE TABLE head (
  task_id text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  phase smallint NOT NULL,
  priority smallint NOT NULL,
  due bigint NULL, -- Unix time in milliseconds
  owes boolean NOT NULL,
  requester text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  updated bigint NOT NULL,
  body bytea NOT NULL
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX head_created ON head (created DESC, task_id DESC);
CREATE INDEX head_phase ON head (phase, task_id);
CREATE INDEX head_due ON head (due) WHERE due IS NOT NULL;
CREATE INDEX head_owes ON head (task_id) WHERE owes;

CREATE TABLE phase_count (phase smallint PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 20);

-- One row per (kind, outcome, error class); the histogram's buckets grow by 2 % each.
CREATE TABLE rollup (
  kind smallint NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  error_class smallint NOT NULL,
  n bigint NOT NULL,
  cost_microusd bigint NOT NULL,
  tokens bigint NOT NULL,
  PRIMARY KEY (kind, outcome, error_class)
) WITH (fillfactor = 50);
CREATE TABLE histogram (
  measure text COLLATE "C" NOT NULL,
  bucket integer NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (measure, bucket)
) WITH (fillfactor = 50);
CREATE TABLE span (name text COLLATE "C" PRIMARY KEY, at bigint NOT NULL);

CREATE TABLE blob (id text COLLATE "C" PRIMARY KEY, content bytea NOT NULL);

CREATE TABLE cursor (
  subscriber text COLLATE "C" NOT NULL,
  partition smallint NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (subscriber, partition)
) WITH (fillfactor = 50);
CREATE TABLE dead_letter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscriber text COLLATE "C" NOT NULL,
  partition smallint NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  error text NOT NULL,
  attempts integer NOT NULL,
  at bigint NOT NULL,
  replayed bigint NULL,
  UNIQUE (subscriber, partition, position)
);
CREATE INDEX dead_letter_open ON dead_letter (id) WHERE replayed IS NULL;

-- A host and its lease; null = given back or never taken.
CREATE TABLE host (
  name text COLLATE "C" PRIMARY KEY,
  epoch bigint NOT NULL,
  slots integer NOT NULL,
  labels text[] NOT NULL,
  lease_until timestamptz NULL
) WITH (fillfactor = 20);

CREATE TABLE token (
  id text COLLATE "C" PRIMARY KEY,
  hash text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  scopes text[] NOT NULL,
  created bigint NOT NULL,
  expires bigint NULL,
  revoked bigint NULL
);

CREATE TABLE counter (name text COLLATE "C" PRIMARY KEY, n bigint NOT NULL);
