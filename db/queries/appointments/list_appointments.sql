-- @returns many
-- @params after_starts_at, after_id, before_starts_at, show_cancelled, row_limit
-- Two bounds on starts_at and not a range of time, which no index could serve under row-level
-- security.
SELECT
    appointment.id,
    appointment.patient_id,
    appointment.practitioner_id,
    appointment.visit_type_id,
    appointment.local_start,
    appointment.time_zone,
    appointment.duration_minutes,
    appointment.starts_at,
    appointment.ends_at,
    appointment.buffer_before_minutes,
    appointment.buffer_after_minutes,
    appointment.lane,
    appointment.overbook_reason,
    appointment.reason,
    appointment.state,
    appointment.confirmed_at,
    appointment.arrived_at,
    appointment.seated_at,
    appointment.completed_at,
    appointment.no_show_at,
    appointment.cancelled_at,
    appointment.cancelled_by,
    appointment.cancel_reason,
    appointment.cancelled_late,
    appointment.external_id,
    appointment.series_id,
    appointment.series_ordinal,
    appointment.series_exception,
    appointment.row_version,
    appointment.created_at,
    patient.given_name AS patient_given_name,
    patient.family_name AS patient_family_name,
    (
        SELECT
            string_agg(
                concat_ws(' ', COALESCE(resource.kind, 'practitioner'), part.occupant_id,
                    part.offset_minutes, part.duration_minutes),
                ',' ORDER BY part.position)
        FROM clinicd.occupancies AS part
        LEFT JOIN clinicd.resources AS resource
            ON resource.clinic_id = :clinic_id
            AND resource.id = part.resource_id
        WHERE part.clinic_id = :clinic_id
            AND part.holder_id = appointment.id
            AND part.patient_id IS NULL
    ) AS allocations
FROM clinicd.appointments AS appointment
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = appointment.patient_id
WHERE appointment.clinic_id = :clinic_id
    AND (appointment.starts_at, appointment.id) > (:after_starts_at, :after_id)
    AND appointment.starts_at < :before_starts_at
    AND (:show_cancelled::boolean OR appointment.state NOT IN ('cancelled', 'entered_in_error'))
ORDER BY
    appointment.starts_at,
    appointment.id
LIMIT :row_limit
