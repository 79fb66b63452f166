-- @returns count
-- @params now, part_kinds, part_occupants, part_offsets, part_durations, starts_at, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- Holds that have expired and stand in the way. Who removes holds locks them first, in one order, and
-- has taken nothing yet: else those who wait for a hold to go, and those who wait for what they took,
-- could wait for each other.
-- Only days nearby are read of all that an occupant has ever had: nothing is longer than a day and
-- its buffers. The bounds are materialized, because functions of other tables' columns are no bounds
-- of an index under row-level security, and because of days later than its statistics the planner
-- would believe that they are empty, and read all of them by their start.
-- They are bounds of rows, and there is OFFSET 0, for the reasons in find_taken_kinds.
-- Arrays come from sub-selects, whose length the planner does not see: it would find plans for each call
-- better than one for all, and plan longer than the statement takes.
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
        (SELECT string_to_array(:part_kinds, ' ')),
        (SELECT string_to_array(:part_occupants, ' ')::uuid[]),
        (SELECT string_to_array(:part_offsets, ' ')::integer[]),
        (SELECT string_to_array(:part_durations, ' ')::integer[]))
        WITH ORDINALITY AS part (kind, occupant_id, offset_minutes, duration_minutes, position)
),
in_the_way AS MATERIALIZED (
    SELECT DISTINCT
        other.hold_id
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT
            near.hold_id
        FROM clinicd.occupancies AS near
        WHERE near.clinic_id = :clinic_id
            AND (near.occupant_id, near.starts_at) > (wanted.occupant_id, wanted.earliest)
            AND (near.occupant_id, near.starts_at) < (wanted.occupant_id, wanted.ends_at)
            AND near.hold_id IS NOT NULL
            AND near.ends_at > wanted.starts_at
        OFFSET 0
    ) AS other
),
expired AS MATERIALIZED (
    SELECT
        hold.id
    FROM in_the_way
    JOIN clinicd.holds AS hold
        ON hold.clinic_id = :clinic_id
        AND hold.id = in_the_way.hold_id
        AND hold.expires_at <= :now
    ORDER BY hold.id
    FOR UPDATE OF hold
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING expired
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = expired.id
)
DELETE FROM clinicd.holds AS hold
USING expired
WHERE hold.clinic_id = :clinic_id
    AND hold.id = expired.id
