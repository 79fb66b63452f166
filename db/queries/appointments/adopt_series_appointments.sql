-- @returns count
-- @params ids, ordinals, row_versions, series_id
-- Appointments that change as little as their series, of which they are exceptions: they are the same
-- versions as before, and belong to the part of it that was cut off.
WITH visit AS (
    SELECT
        visit.id,
        visit.ordinal,
        visit.row_version
    FROM unnest(
        string_to_array(:ids, ' ')::uuid[],
        string_to_array(:ordinals, ' ')::integer[],
        string_to_array(:row_versions, ' ')::bigint[])
        AS visit (id, ordinal, row_version)
)
UPDATE clinicd.appointments AS changed
SET
    series_id = :series_id,
    series_ordinal = visit.ordinal
FROM visit
WHERE changed.clinic_id = :clinic_id
    AND changed.id = visit.id
    AND changed.row_version = visit.row_version
