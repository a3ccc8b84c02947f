-- What runs cost, by UTC day (days since 1970-01-01) and by whom or where: requester, repository, or all (empty name).
-- works from 2
CREATE TABLE spending (
  day INTEGER NOT NULL,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  runs INTEGER NOT NULL,
  cost_microusd INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (day, scope, name)
) WITHOUT ROWID;
