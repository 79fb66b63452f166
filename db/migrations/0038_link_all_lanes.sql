-- db/migrations/0038_link_all_lanes.sql
-- Purpose:   who has linked several clinics is in one of them at a time, in whatever lane: an overbooked
--            visit has a lane beside a chair's others and not beside those of the other clinic.
-- Locks:     ACCESS EXCLUSIVE on occupancies while the index is built.
-- Data:      overbooked visits at a time when the person is in another clinic leave the linked diary,
--            because what is over could not be moved. In no lane but these can two overlap.
-- Roll back: never in place; a later migration drops the constraint.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- Of all clinics, and the policies show none to the owner.
ALTER TABLE clinicd.occupancies NO FORCE ROW LEVEL SECURITY;
UPDATE clinicd.occupancies AS part
SET person_id = NULL
WHERE part.active
    AND part.lane > 0
    AND EXISTS (
        SELECT
        FROM clinicd.occupancies AS other
        WHERE other.person_id = part.person_id
            AND other.clinic_id <> part.clinic_id
            AND other.active
            AND other.occupied && part.occupied);
ALTER TABLE clinicd.occupancies FORCE ROW LEVEL SECURITY;

-- Beside occupancies_person_occupied_ex, for a person who is two practitioners of one clinic.
ALTER TABLE clinicd.occupancies
    ADD CONSTRAINT occupancies_person_elsewhere_ex EXCLUDE USING gist (
        person_id WITH =,
        clinic_id WITH <>,
        occupied WITH &&
    ) WHERE (COALESCE(active AND person_id IS NOT NULL, false));

RESET ROLE;
