-- @returns many
-- @params show_inactive, after_name, after_id, count_max
-- A row for each segment, of which every visit type has one at least and twenty at most; count_max
-- counts visit types. The first page starts after the empty name, which nothing has.
WITH visit_type AS (
    SELECT
        id,
        name,
        description,
        color,
        buffer_before_minutes,
        buffer_after_minutes,
        online_bookable,
        min_notice_minutes,
        booking_window_days,
        cancel_cutoff_minutes,
        active,
        external_id,
        created_at,
        row_version
    FROM clinicd.visit_types
    WHERE clinic_id = :clinic_id
        AND (active OR :show_inactive)
        AND (name, id) > (:after_name, :after_id)
    ORDER BY
        name,
        id
    LIMIT :count_max
)
SELECT
    visit_type.id,
    visit_type.name,
    visit_type.description,
    visit_type.color,
    visit_type.buffer_before_minutes,
    visit_type.buffer_after_minutes,
    visit_type.online_bookable,
    visit_type.min_notice_minutes,
    visit_type.booking_window_days,
    visit_type.cancel_cutoff_minutes,
    visit_type.active,
    visit_type.external_id,
    visit_type.created_at,
    visit_type.row_version,
    segment.resource_kind,
    segment.offset_minutes,
    segment.duration_minutes
FROM visit_type
JOIN clinicd.visit_type_segments AS segment
    ON segment.clinic_id = :clinic_id
    AND segment.visit_type_id = visit_type.id
ORDER BY
    visit_type.name,
    visit_type.id,
    segment.position
LIMIT :count_max * 20
