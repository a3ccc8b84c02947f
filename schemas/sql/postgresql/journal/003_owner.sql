-- The one cluster whose database this is: two of them on one would each run every task.
-- works from 1
CREATE TABLE owner (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  cluster text COLLATE "C" NOT NULL
);
