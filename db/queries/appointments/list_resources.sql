-- @returns many
-- @params kind, location_id, main_site, show_inactive, after_sort_order, after_name, after_id, count_max
-- The first page starts after an order that nothing has.
SELECT
    id,
    kind,
    name,
    location_id,
    color,
    sort_order,
    active,
    external_id,
    created_at,
    row_version
FROM clinicd.resources
WHERE clinic_id = :clinic_id
    AND (:kind::text IS NULL OR kind = :kind)
    AND (:location_id::uuid IS NULL OR location_id = :location_id)
    AND (NOT :main_site::boolean OR location_id IS NULL)
    AND (active OR :show_inactive)
    AND (sort_order, name, id) > (:after_sort_order, :after_name, :after_id)
ORDER BY
    sort_order,
    name,
    id
LIMIT :count_max
