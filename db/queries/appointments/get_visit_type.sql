-- @returns many
-- @params id
-- A row for each segment, of which every visit type has one at least and twenty at most.
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
FROM clinicd.visit_types AS visit_type
JOIN clinicd.visit_type_segments AS segment
    ON segment.clinic_id = :clinic_id
    AND segment.visit_type_id = visit_type.id
WHERE visit_type.clinic_id = :clinic_id
    AND visit_type.id = :id
ORDER BY segment.position
LIMIT 20
