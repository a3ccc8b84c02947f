-- What runs cost, by UTC day (days since 1970-01-01) and by whom or where: requester, repository, or all (empty name).
-- works from 1
CREATE TABLE spending (
  day integer NOT NULL,
  scope text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  runs bigint NOT NULL,
  cost_microusd bigint NOT NULL,
  tokens bigint NOT NULL,
  PRIMARY KEY (day, scope, name)
) WITH (fillfactor = 50);
