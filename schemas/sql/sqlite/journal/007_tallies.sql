-- Counts by UTC day (days since 1970-01-01), kept in the same commit as the facts: of outcomes, runs and money by whom and where, and of durations.
-- works from 4
-- measure: all, type, host, requester, lane (bucket: 1 success, 2 failed, 3 cancelled, 4 millionths of a US dollar, 5 tokens, 6 runs, 7 turns), task and phase:N (bucket: that of the histogram)
CREATE TABLE tally (
  measure TEXT NOT NULL,
  day INTEGER NOT NULL,
  name TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (measure, day, name, bucket)
) WITHOUT ROWID;
