-- @returns one
-- @params holder_id, part_kinds, part_occupants, part_offsets, part_durations, starts_at, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- The lowest lane in which nothing wanted is taken by others; -1 when there is none. What has
-- expired counts: delete_expired_holds comes first.
-- Only days nearby are read of all that an occupant has ever had: nothing is longer than a day and
-- its buffers. The bounds are materialized, because functions of other tables' columns are no bounds
-- of an index under row-level security, and because of days later than its statistics the planner
-- would believe that they are empty, and read all of them by their start.
-- They are bounds of rows, and there is OFFSET 0, for the reasons in find_taken_kinds.
WITH wanted AS MATERIALIZED (
    SELECT
        part.position::smallint AS position,
        part.kind,
        part.occupant_id,
        part.offset_minutes,
        part.duration_minutes,
        :starts_at::timestamptz + make_interval(mins => part.offset_minutes - CASE
            WHEN part.kind <> 'patient' AND part.offset_minutes = 0
                THEN :buffer_before_minutes::integer
            ELSE 0
        END) AS starts_at,
        :starts_at::timestamptz + make_interval(
            mins => part.offset_minutes + part.duration_minutes + CASE
                WHEN part.kind <> 'patient'
                    AND part.offset_minutes + part.duration_minutes = :duration_minutes::integer
                    THEN :buffer_after_minutes::integer
                ELSE 0
            END) AS ends_at,
        :starts_at::timestamptz - interval '2 days' AS earliest
    FROM unnest(
        string_to_array(:part_kinds, ' '),
        string_to_array(:part_occupants, ' ')::uuid[],
        string_to_array(:part_offsets, ' ')::integer[],
        string_to_array(:part_durations, ' ')::integer[])
        WITH ORDINALITY AS part (kind, occupant_id, offset_minutes, duration_minutes, position)
)
SELECT
    COALESCE(min(candidate.lane), -1) AS lane
FROM generate_series(0, 3) AS candidate (lane)
WHERE NOT EXISTS (
    SELECT
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT
            near.lane,
            near.holder_id
        FROM clinicd.occupancies AS near
        WHERE near.clinic_id = :clinic_id
            AND (near.occupant_id, near.starts_at) > (wanted.occupant_id, wanted.earliest)
            AND (near.occupant_id, near.starts_at) < (wanted.occupant_id, wanted.ends_at)
            AND near.ends_at > wanted.starts_at
            AND near.active
        OFFSET 0
    ) AS other
    WHERE wanted.kind <> 'patient'
        AND other.lane = candidate.lane
        AND other.holder_id <> :holder_id
)
