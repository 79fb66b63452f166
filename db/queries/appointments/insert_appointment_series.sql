-- @returns one
-- @params id, patient_id, practitioner_id, visit_type_id, rule, excluded_starts, local_start, time_zone, duration_minutes, buffer_before_minutes, buffer_after_minutes, part_allocations, reason, continues_id, created_by, now
INSERT INTO clinicd.appointment_series
    (clinic_id, id, patient_id, practitioner_id, visit_type_id, rule, excluded_starts, local_start,
     time_zone, duration_minutes, buffer_before_minutes, buffer_after_minutes, allocations, reason,
     continues_id, created_at, updated_at, created_by)
VALUES (
    :clinic_id,
    :id,
    :patient_id,
    :practitioner_id,
    :visit_type_id,
    :rule,
    :excluded_starts,
    :local_start,
    :time_zone,
    :duration_minutes,
    :buffer_before_minutes,
    :buffer_after_minutes,
    :part_allocations,
    :reason,
    :continues_id,
    :now,
    :now,
    :created_by
)
RETURNING
    appointment_series.row_version
