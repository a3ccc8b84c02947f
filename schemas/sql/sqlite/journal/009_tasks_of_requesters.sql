-- A requester's tasks, newest first, without a walk over everybody's.
-- works from 4
CREATE INDEX head_requester ON head (requester, created DESC, task_id DESC);
