-- Every policy that was set; the highest number is in force. None is ever changed or removed: rulings name them.
-- works from 3
CREATE TABLE policy (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  file_name TEXT NOT NULL,
  text TEXT NOT NULL,
  set_by TEXT NOT NULL,
  at INTEGER NOT NULL
);
