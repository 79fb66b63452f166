-- @returns many
-- @params begin_at, end_at, occupant_id, row_limit
-- What booked appointments take in a period, without buffers and without patients: those that have a
-- part of the occupant, or all where that is NULL. Visits that have ended well or badly hold no time.
SELECT
    appointment.id,
    appointment.practitioner_id,
    appointment.starts_at AS visit_starts_at,
    part.occupant_id,
    COALESCE(resource.kind, 'practitioner') AS kind,
    part.offset_minutes,
    part.duration_minutes
FROM clinicd.appointments AS appointment
JOIN clinicd.occupancies AS part
    ON part.clinic_id = :clinic_id
    AND part.holder_id = appointment.id
    AND part.patient_id IS NULL
LEFT JOIN clinicd.resources AS resource
    ON resource.clinic_id = :clinic_id
    AND resource.id = part.resource_id
WHERE appointment.clinic_id = :clinic_id
    AND appointment.starts_at >= :begin_at::timestamptz - interval '1 day'
    AND appointment.starts_at < :end_at
    AND appointment.ends_at > :begin_at
    AND appointment.state IN ('booked', 'confirmed', 'arrived', 'in_chair')
    AND (:occupant_id::uuid IS NULL
        OR EXISTS (
            SELECT
            FROM clinicd.occupancies AS wanted
            WHERE wanted.clinic_id = :clinic_id
                AND wanted.holder_id = appointment.id
                AND wanted.occupant_id = :occupant_id))
ORDER BY
    appointment.starts_at,
    appointment.id,
    part.position
LIMIT :row_limit
