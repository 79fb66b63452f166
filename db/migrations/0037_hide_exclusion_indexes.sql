-- db/migrations/0037_hide_exclusion_indexes.sql
-- Purpose:   no statement reads the indexes that keep two visits from the same time. A GiST index
--            that a nested loop reads again and again, while its one page becomes several, gets live
--            entries marked as dead (seen on PostgreSQL 15.18), and what the index has lost can be
--            booked twice. The check of the constraint itself begins a new scan each time, to which
--            that does not happen. The planner uses a partial index where the statement implies its
--            predicate, which nothing implies that is wrapped up like this.
-- Locks:     ACCESS EXCLUSIVE on occupancies while both indexes are built.
-- Data:      none. Fails, naming both times, where the old index has let two visits overlap: cancel or
--            move one of them, and run it again.
-- Roll back: never in place; a later migration builds them anew.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

ALTER TABLE clinicd.occupancies
    DROP CONSTRAINT occupancies_occupant_occupied_ex,
    DROP CONSTRAINT occupancies_person_occupied_ex,
    ADD CONSTRAINT occupancies_occupant_occupied_ex EXCLUDE USING gist (
        clinic_id WITH =,
        occupant_id WITH =,
        lane WITH =,
        occupied WITH &&
    ) WHERE (COALESCE(active, false)),
    -- As in 0020, the one key without the clinic.
    ADD CONSTRAINT occupancies_person_occupied_ex EXCLUDE USING gist (
        person_id WITH =,
        lane WITH =,
        occupied WITH &&
    ) WHERE (COALESCE(active AND person_id IS NOT NULL, false));

RESET ROLE;
