-- db/migrations/0029_index_occupancies_by_hold.sql
-- Purpose:   finds what a hold takes when the hold goes.
-- Locks:     SHARE on occupancies while the index is built; writers wait.
-- Data:      none.
-- Roll back: never in place; a later migration drops the index.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- Serves occupancies_hold_fk: without it, deleting a hold looks through all that its clinic has taken.
CREATE INDEX occupancies_by_hold_ix ON clinicd.occupancies (clinic_id, hold_id)
    WHERE hold_id IS NOT NULL;

RESET ROLE;
