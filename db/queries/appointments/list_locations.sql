-- @returns many
-- @params show_inactive, after_name, after_id, count_max
-- The first page starts after the empty name, which nothing has.
SELECT
    id,
    name,
    time_zone,
    active,
    external_id,
    created_at,
    row_version
FROM clinicd.locations
WHERE clinic_id = :clinic_id
    AND (active OR :show_inactive)
    AND (name, id) > (:after_name, :after_id)
ORDER BY
    name,
    id
LIMIT :count_max
