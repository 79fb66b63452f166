-- @returns optional
-- @params id, row_version, practitioner_id, rule, excluded_starts, local_start, duration_minutes, part_allocations, state, now
-- No row: absent, or of another version. Lets one change of a series wait for the other.
UPDATE clinicd.appointment_series AS series
SET
    practitioner_id = :practitioner_id,
    rule = :rule,
    excluded_starts = :excluded_starts,
    local_start = :local_start,
    duration_minutes = :duration_minutes,
    allocations = :part_allocations,
    state = :state,
    row_version = series.row_version + 1,
    updated_at = :now
WHERE series.clinic_id = :clinic_id
    AND series.id = :id
    AND series.row_version = :row_version
RETURNING
    series.row_version
