-- @returns one
-- @params practitioner_id, resource_id, location_id
-- Which of those that are named exist.
SELECT
    EXISTS (
        SELECT
        FROM clinicd.practitioners AS practitioner
        WHERE practitioner.clinic_id = :clinic_id
            AND practitioner.id = :practitioner_id
    ) AS practitioner_exists,
    EXISTS (
        SELECT
        FROM clinicd.resources AS resource
        WHERE resource.clinic_id = :clinic_id
            AND resource.id = :resource_id
    ) AS resource_exists,
    EXISTS (
        SELECT
        FROM clinicd.locations AS location
        WHERE location.clinic_id = :clinic_id
            AND location.id = :location_id
    ) AS location_exists
