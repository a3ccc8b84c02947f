-- Webhooks. Bodies are gzip: what a host sent, as its signature was checked; what is sent, redacted. Instants are UTC ticks.
-- works from 4
-- state: 0 waits, 1 processed, 2 ignored, 3 failed
CREATE TABLE webhook_in (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  event TEXT NOT NULL,
  body BLOB NOT NULL,
  size INTEGER NOT NULL,
  received INTEGER NOT NULL,
  state INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  due INTEGER NOT NULL,
  settled INTEGER NULL,
  words TEXT NOT NULL,
  UNIQUE (source, delivery_id)
);
CREATE INDEX webhook_in_due ON webhook_in (due) WHERE state = 0;

-- state: 0 waits, 1 delivered, 2 dead
CREATE TABLE webhook_out (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  endpoint TEXT NOT NULL,
  message_id TEXT NOT NULL,
  event TEXT NOT NULL,
  body BLOB NOT NULL,
  created INTEGER NOT NULL,
  state INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  due INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  status INTEGER NOT NULL,
  settled INTEGER NULL,
  words TEXT NOT NULL,
  UNIQUE (endpoint, message_id)
);
CREATE INDEX webhook_out_due ON webhook_out (endpoint, due) WHERE state = 0;

-- Endpoints that answered "gone"; a resend removes the row.
CREATE TABLE webhook_closed (
  endpoint TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  words TEXT NOT NULL
);
