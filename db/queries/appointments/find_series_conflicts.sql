-- @returns many
-- @params ids, ordinals, starts, now, part_kinds, part_occupants, part_offsets, part_durations, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- What of a series is taken by others, by kinds. Nothing lasts longer than 32 hours, buffers included:
-- that keeps each look at a resource to a few rows of the index. OFFSET 0 has it look there once for
-- each time, instead of comparing all times with all that the resource ever did; bounds are of rows for
-- the reason in find_taken_kinds.
WITH visit AS (
    SELECT
        visit.id,
        visit.ordinal,
        visit.starts_at
    FROM unnest(
        string_to_array(:ids, ' ')::uuid[],
        string_to_array(:ordinals, ' ')::integer[],
        string_to_array(:starts, ' ')::timestamptz[])
        AS visit (id, ordinal, starts_at)
),
wanted AS (
    SELECT
        part.position::smallint AS position,
        part.kind,
        part.occupant_id,
        part.offset_minutes,
        part.duration_minutes,
        make_interval(mins => part.offset_minutes - CASE
            WHEN part.kind <> 'patient' AND part.offset_minutes = 0
                THEN :buffer_before_minutes::integer
            ELSE 0
        END) AS begins_after,
        make_interval(mins => part.offset_minutes + part.duration_minutes + CASE
            WHEN part.kind <> 'patient'
                AND part.offset_minutes + part.duration_minutes = :duration_minutes::integer
                THEN :buffer_after_minutes::integer
            ELSE 0
        END) AS ends_after
    FROM unnest(
        string_to_array(:part_kinds, ' '),
        string_to_array(:part_occupants, ' ')::uuid[],
        string_to_array(:part_offsets, ' ')::integer[],
        string_to_array(:part_durations, ' ')::integer[])
        WITH ORDINALITY AS part (kind, occupant_id, offset_minutes, duration_minutes, position)
)
SELECT
    visit.ordinal,
    string_agg(DISTINCT wanted.kind, ',' ORDER BY wanted.kind) AS taken_kinds
FROM visit
CROSS JOIN wanted
CROSS JOIN LATERAL (
    SELECT
        near.holder_id,
        near.hold_id
    FROM clinicd.occupancies AS near
    WHERE near.clinic_id = :clinic_id
        AND (near.occupant_id, near.starts_at)
            < (wanted.occupant_id, visit.starts_at + wanted.ends_after)
        AND (near.occupant_id, near.starts_at)
            > (wanted.occupant_id, visit.starts_at + wanted.begins_after - interval '32 hours')
        AND near.lane = 0
        AND near.ends_at > visit.starts_at + wanted.begins_after
        AND near.active
    OFFSET 0
) AS other
LEFT JOIN clinicd.holds AS hold
    ON hold.clinic_id = :clinic_id
    AND hold.id = other.hold_id
WHERE other.holder_id <> ALL (string_to_array(:ids, ' ')::uuid[])
    AND (hold.id IS NULL OR hold.expires_at > :now)
GROUP BY visit.ordinal
ORDER BY visit.ordinal
