-- @returns many
-- @params occupants, patient_id, holder_id, begin_at, end_at, now
-- When who is taken, with buffers, by others than the holder, in a period: those of `occupants`, one
-- text with spaces, and the patient; where `occupants` is NULL, all but other patients. Nothing is
-- longer than a day and its buffers, so that the index finds what began before the period.
SELECT
    part.occupant_id,
    part.starts_at,
    part.ends_at
FROM clinicd.occupancies AS part
WHERE part.clinic_id = :clinic_id
    AND part.starts_at >= :begin_at::timestamptz - interval '2 days'
    AND part.starts_at < :end_at
    AND part.ends_at > :begin_at
    AND part.active
    AND part.holder_id <> :holder_id
    AND (part.patient_id IS NULL OR part.patient_id = :patient_id)
    AND (:occupants::text IS NULL
        OR part.patient_id = :patient_id
        OR part.occupant_id = ANY (string_to_array(:occupants, ' ')::uuid[]))
    AND (part.hold_id IS NULL
        OR EXISTS (
            SELECT
            FROM clinicd.holds AS hold
            WHERE hold.clinic_id = :clinic_id
                AND hold.id = part.hold_id
                AND hold.expires_at > :now))
ORDER BY
    part.occupant_id,
    part.starts_at,
    part.holder_id,
    part.position
LIMIT 500000
