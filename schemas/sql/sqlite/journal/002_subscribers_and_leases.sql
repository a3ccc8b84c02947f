-- A replayed letter stays for a while, so that replaying it again is known to be done already.
ALTER TABLE dead_letter ADD COLUMN replayed INTEGER NULL;
CREATE INDEX dead_letter_open ON dead_letter (id) WHERE replayed IS NULL;

-- A host's lease, judged by the store's clock; UTC ticks, 0 = given back or never taken.
ALTER TABLE host ADD COLUMN lease_until INTEGER NOT NULL DEFAULT 0;

CREATE TABLE counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
