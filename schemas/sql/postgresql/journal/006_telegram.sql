-- Telegram. Updates lie in webhook_in (source 'telegram'), messages in webhook_out (endpoint 'telegram:CHAT'). Instants are UTC ticks.
-- works from 4
-- Messages that are kept up to date: what they should say, and what the host was told last. state: 0 lives, 1 over
CREATE TABLE telegram_card (
  chat bigint NOT NULL,
  card text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  message_id bigint NOT NULL,
  wanted text COLLATE "C" NOT NULL,
  told text COLLATE "C" NOT NULL,
  due bigint NOT NULL,
  state integer NOT NULL,
  changed bigint NOT NULL,
  PRIMARY KEY (chat, card)
);
CREATE INDEX telegram_card_due ON telegram_card (due) WHERE state = 0 AND wanted <> told;

-- Which message is about which task.
CREATE TABLE telegram_message (
  chat bigint NOT NULL,
  message_id bigint NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (chat, message_id)
);
CREATE INDEX telegram_message_at ON telegram_message (at);

-- Chats that are told of a task, and in which language.
CREATE TABLE telegram_follower (
  task_id text COLLATE "C" NOT NULL,
  chat bigint NOT NULL,
  language text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (task_id, chat)
);
CREATE INDEX telegram_follower_at ON telegram_follower (at);

-- People who were let in by a code, and codes that nobody has used yet. Of a code only its SHA-256 is kept.
CREATE TABLE telegram_person (
  user_id bigint PRIMARY KEY,
  role text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
CREATE TABLE telegram_code (
  hash text COLLATE "C" PRIMARY KEY,
  role text COLLATE "C" NOT NULL,
  expires bigint NOT NULL
);

-- Chats whose last message may or may not have arrived: the message, and the highest number that any message had before.
CREATE TABLE telegram_doubt (
  chat bigint PRIMARY KEY,
  message text COLLATE "C" NOT NULL,
  floor bigint NOT NULL
);
