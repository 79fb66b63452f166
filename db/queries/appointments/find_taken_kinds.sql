-- @returns one
-- @params holder_id, part_kinds, part_occupants, part_offsets, part_durations, starts_at, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- Of which kinds something is taken that the holder wants. The cheap half of find_booking_obstacle,
-- for where all that is wanted is known to be there: on a busy day most bookings end here.
-- Only days nearby are read of all that an occupant has ever had: nothing is longer than a day and
-- its buffers. The bounds are materialized, because functions of other tables' columns are no bounds
-- of an index under row-level security, and because of days later than its statistics the planner
-- would believe that they are empty, and read all of them by their start.
-- Bounds of rows, because the one index that serves them reads nothing else. With occupant and start apart
-- the planner, who believes that somebody in one of many clinics has hardly any, takes the index behind
-- the exclusion constraint, or that of the clinic's starts, at times. OFFSET 0 has it look there for each
-- that is wanted, and not compare them with all of the clinic.
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
)
SELECT
    string_agg(DISTINCT wanted.kind, ',' ORDER BY wanted.kind) AS taken_kinds
FROM wanted
CROSS JOIN LATERAL (
    SELECT
        near.holder_id
    FROM clinicd.occupancies AS near
    WHERE near.clinic_id = :clinic_id
        AND (near.occupant_id, near.starts_at) > (wanted.occupant_id, wanted.earliest)
        AND (near.occupant_id, near.starts_at) < (wanted.occupant_id, wanted.ends_at)
        AND near.ends_at > wanted.starts_at
        AND near.active
    OFFSET 0
) AS other
WHERE other.holder_id <> :holder_id
