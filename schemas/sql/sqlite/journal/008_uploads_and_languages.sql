-- Files that people sent, until they are named by a task or too old; and the language that people of Telegram chose. Instants are UTC ticks.
-- works from 4
-- position: end of the journal when the file came: no fact up to there names it.
CREATE TABLE upload (
  blob TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  position INTEGER NOT NULL
);
CREATE INDEX upload_at ON upload (at);

CREATE TABLE telegram_language (
  user_id INTEGER PRIMARY KEY,
  language TEXT NOT NULL
);
