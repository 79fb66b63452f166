-- @returns many
-- @params begin_at, end_at, now
-- What is held in a period, with buffers, part by part. No hold is longer than a day and its buffers.
SELECT
    hold.id,
    hold.membership_id,
    hold.practitioner_id,
    hold.expires_at,
    part.occupant_id,
    COALESCE(resource.kind, 'practitioner') AS kind,
    part.starts_at,
    part.ends_at
FROM clinicd.holds AS hold
JOIN clinicd.occupancies AS part
    ON part.clinic_id = :clinic_id
    AND part.holder_id = hold.id
LEFT JOIN clinicd.resources AS resource
    ON resource.clinic_id = :clinic_id
    AND resource.id = part.resource_id
WHERE hold.clinic_id = :clinic_id
    AND hold.starts_at >= :begin_at::timestamptz - interval '2 days'
    AND hold.starts_at < :end_at::timestamptz + interval '1 day'
    AND hold.expires_at > :now
    AND part.starts_at < :end_at
    AND part.ends_at > :begin_at
ORDER BY
    hold.starts_at,
    hold.id,
    part.position
LIMIT 10000
