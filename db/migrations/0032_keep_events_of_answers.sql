-- db/migrations/0032_keep_events_of_answers.sql
-- Purpose:   the audit event beside the answer to a change, so that a retry gets its receipt.
-- Locks:     ACCESS EXCLUSIVE on idempotency_keys for a moment (a column without default).
-- Data:      none; answers of before have no event and live for 72 hours.
-- Roll back: never in place; a later migration drops the column.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- No foreign key: events are partitioned, and an answer is gone long before its event.
ALTER TABLE clinicd.idempotency_keys ADD COLUMN event_id uuid;
COMMENT ON COLUMN clinicd.idempotency_keys.event_id IS
    'The audit event of the change; NULL: the answer is of a release that did not keep it.';

RESET ROLE;
