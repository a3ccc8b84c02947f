CREATE TABLE fact (
  position INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  payload BLOB NOT NULL,
  hash BLOB NOT NULL
);
CREATE UNIQUE INDEX fact_task ON fact (task_id, sequence);
CREATE INDEX fact_partition ON fact (partition, position);

CREATE TABLE head (
  task_id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  phase INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  due INTEGER NULL,
  owes INTEGER NOT NULL,
  requester TEXT NOT NULL,
  created INTEGER NOT NULL,
  body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX head_created ON head (created DESC, task_id DESC);
CREATE INDEX head_phase ON head (phase, task_id);
CREATE INDEX head_due ON head (due) WHERE due IS NOT NULL;
CREATE INDEX head_owes ON head (task_id) WHERE owes = 1;

CREATE TABLE phase_count (phase INTEGER PRIMARY KEY, n INTEGER NOT NULL);

-- One row per (kind, outcome, error class); the histogram's buckets grow by 2 % each.
CREATE TABLE rollup (
  kind INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  error_class INTEGER NOT NULL,
  n INTEGER NOT NULL,
  cost_microusd INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (kind, outcome, error_class)
) WITHOUT ROWID;
CREATE TABLE histogram (
  measure TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (measure, bucket)
) WITHOUT ROWID;
CREATE TABLE span (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE blob (id TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE cursor (
  subscriber TEXT NOT NULL,
  partition INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (subscriber, partition)
) WITHOUT ROWID;
CREATE TABLE dead_letter (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subscriber TEXT NOT NULL,
  partition INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (subscriber, partition, position)
);
CREATE TABLE host (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, slots INTEGER NOT NULL, labels TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE token (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NULL,
  revoked INTEGER NULL
) WITHOUT ROWID;
