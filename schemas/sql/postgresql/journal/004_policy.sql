-- Every policy that was set; the highest number is in force. None is ever changed or removed: rulings name them.
-- works from 3
CREATE TABLE policy (
  number bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  file_name text NOT NULL,
  text text NOT NULL,
  set_by text NOT NULL,
  at bigint NOT NULL
);
