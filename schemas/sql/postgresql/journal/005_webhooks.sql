-- Webhooks. Bodies are gzip: what a host sent, as its signature was checked; what is sent, redacted. Instants are UTC ticks.
-- works from 4
-- state: 0 waits, 1 processed, 2 ignored, 3 failed
CREATE TABLE webhook_in (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text COLLATE "C" NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  event text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  size integer NOT NULL,
  received bigint NOT NULL,
  state integer NOT NULL,
  tries integer NOT NULL,
  due bigint NOT NULL,
  settled bigint NULL,
  words text COLLATE "C" NOT NULL,
  UNIQUE (source, delivery_id)
);
CREATE INDEX webhook_in_due ON webhook_in (due) WHERE state = 0;

-- state: 0 waits, 1 delivered, 2 dead
CREATE TABLE webhook_out (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  event text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  created bigint NOT NULL,
  state integer NOT NULL,
  tries integer NOT NULL,
  due bigint NOT NULL,
  expires bigint NOT NULL,
  status integer NOT NULL,
  settled bigint NULL,
  words text COLLATE "C" NOT NULL,
  UNIQUE (endpoint, message_id)
);
CREATE INDEX webhook_out_due ON webhook_out (endpoint, due) WHERE state = 0;

-- Endpoints that answered "gone"; a resend removes the row.
CREATE TABLE webhook_closed (
  endpoint text COLLATE "C" PRIMARY KEY,
  since bigint NOT NULL,
  words text COLLATE "C" NOT NULL
);
