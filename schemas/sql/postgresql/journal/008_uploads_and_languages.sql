-- Files that people sent, until they are named by a task or too old; and the language that people of Telegram chose. Instants are UTC ticks.
-- works from 4
-- position: end of the journal when the file came: no fact up to there names it.
CREATE TABLE upload (
  blob text COLLATE "C" PRIMARY KEY,
  at bigint NOT NULL,
  position bigint NOT NULL
);
CREATE INDEX upload_at ON upload (at);

CREATE TABLE telegram_language (
  user_id bigint PRIMARY KEY,
  language text NOT NULL
);
