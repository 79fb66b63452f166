-- @returns optional
-- @params id
SELECT
    series.id,
    series.patient_id,
    series.practitioner_id,
    series.visit_type_id,
    series.rule,
    series.excluded_starts,
    series.local_start,
    series.time_zone,
    series.duration_minutes,
    series.buffer_before_minutes,
    series.buffer_after_minutes,
    series.allocations,
    series.reason,
    series.state,
    series.continues_id,
    series.row_version,
    series.created_at
FROM clinicd.appointment_series AS series
WHERE series.clinic_id = :clinic_id
    AND series.id = :id
