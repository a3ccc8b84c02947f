-- Telegram. Updates lie in webhook_in (source 'telegram'), messages in webhook_out (endpoint 'telegram:CHAT'). Instants are UTC ticks.
-- works from 4
-- Messages that are kept up to date: what they should say, and what the host was told last. state: 0 lives, 1 over
CREATE TABLE telegram_card (
  chat INTEGER NOT NULL,
  card TEXT NOT NULL,
  task_id TEXT NOT NULL,
  message_id INTEGER NOT NULL,
  wanted TEXT NOT NULL,
  told TEXT NOT NULL,
  due INTEGER NOT NULL,
  state INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  PRIMARY KEY (chat, card)
);
CREATE INDEX telegram_card_due ON telegram_card (due) WHERE state = 0 AND wanted <> told;

-- Which message is about which task.
CREATE TABLE telegram_message (
  chat INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (chat, message_id)
);
CREATE INDEX telegram_message_at ON telegram_message (at);

-- Chats that are told of a task, and in which language.
CREATE TABLE telegram_follower (
  task_id TEXT NOT NULL,
  chat INTEGER NOT NULL,
  language TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (task_id, chat)
);
CREATE INDEX telegram_follower_at ON telegram_follower (at);

-- People who were let in by a code, and codes that nobody has used yet. Of a code only its SHA-256 is kept.
CREATE TABLE telegram_person (
  user_id INTEGER PRIMARY KEY,
  role TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE TABLE telegram_code (
  hash TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  expires INTEGER NOT NULL
);

-- Chats whose last message may or may not have arrived: the message, and the highest number that any message had before.
CREATE TABLE telegram_doubt (
  chat INTEGER PRIMARY KEY,
  message TEXT NOT NULL,
  floor INTEGER NOT NULL
);
