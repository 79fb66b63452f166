-- @returns many
-- @params occupants, holder_id, begin_at, end_at, now
-- When those of `occupants`, one text with spaces, are taken, with buffers, by others than the holder,
-- in a period. Nothing is longer than a day and its buffers, so that the index finds what began before
-- the period. The bounds are materialized and of rows, and there is OFFSET 0, for the reasons in
-- find_taken_kinds.
-- Arrays come from sub-selects, whose length the planner does not see: it would find plans for each call
-- better than one for all, and plan longer than the statement takes.
WITH wanted AS MATERIALIZED (
    SELECT
        occupant.id,
        :begin_at::timestamptz - interval '2 days' AS earliest,
        :begin_at::timestamptz AS begin_at,
        :end_at::timestamptz AS end_at
    FROM unnest((SELECT string_to_array(:occupants, ' ')::uuid[])) AS occupant (id)
)
SELECT
    part.occupant_id,
    part.starts_at,
    part.ends_at
FROM wanted
CROSS JOIN LATERAL (
    SELECT
        near.occupant_id,
        near.starts_at,
        near.ends_at,
        near.holder_id,
        near.hold_id,
        near.position
    FROM clinicd.occupancies AS near
    WHERE near.clinic_id = :clinic_id
        AND (near.occupant_id, near.starts_at) >= (wanted.id, wanted.earliest)
        AND (near.occupant_id, near.starts_at) < (wanted.id, wanted.end_at)
        AND near.ends_at > wanted.begin_at
        AND near.active
    OFFSET 0
) AS part
WHERE part.holder_id <> :holder_id
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
