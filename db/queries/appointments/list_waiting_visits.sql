-- @returns many
-- @params arrived_since, now
-- Who has come and not left. Patients come at most two hours before a visit, and after it on the same
-- day, so that the index of starts finds them.
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
    patient.born_on AS patient_born_on,
    patient.alert AS patient_alert,
    visit_type.name AS visit_type_name,
    visit_type.color AS visit_type_color,
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
LEFT JOIN clinicd.visit_types AS visit_type
    ON visit_type.clinic_id = :clinic_id
    AND visit_type.id = appointment.visit_type_id
WHERE appointment.clinic_id = :clinic_id
    AND appointment.starts_at >= :arrived_since::timestamptz - interval '2 days'
    AND appointment.starts_at < :now::timestamptz + interval '1 day'
    AND appointment.state IN ('arrived', 'in_chair')
    AND appointment.arrived_at >= :arrived_since
ORDER BY
    appointment.arrived_at,
    appointment.id
LIMIT 1000
