-- @returns many
-- @params occupants, patient_id, holder_id, begin_at, end_at, now
-- When who is taken, with buffers, by others than the holder, in a period: those of `occupants`, one
-- text with spaces, and the patient; where `occupants` is NULL, all but other patients. Nothing is
-- longer than a day and its buffers, so that the index finds what began before the period. What touches
-- is one: weeks of a busy clinic are thousands of visits, and a few hundred times without a gap.
SELECT
    busy.occupant_id,
    lower(period.time) AS starts_at,
    upper(period.time) AS ends_at
FROM (
    SELECT
        part.occupant_id,
        range_agg(tstzrange(part.starts_at, part.ends_at)) AS times
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
    GROUP BY part.occupant_id
) AS busy
CROSS JOIN LATERAL unnest(busy.times) AS period (time)
ORDER BY
    busy.occupant_id,
    lower(period.time)
LIMIT 500000
