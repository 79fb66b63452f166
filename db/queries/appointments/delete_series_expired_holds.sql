-- @returns count
-- @params starts, now, part_kinds, part_occupants, part_offsets, part_durations, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- Holds that have expired and stand in the way of a series. As find_series_conflicts looks for them,
-- and locked as in delete_expired_holds.
WITH visit AS (
    SELECT
        visit.starts_at
    FROM unnest(
        string_to_array(:starts, ' ')::timestamptz[])
        AS visit (starts_at)
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
),
in_the_way AS MATERIALIZED (
    SELECT DISTINCT
        other.hold_id
    FROM visit
    CROSS JOIN wanted
    CROSS JOIN LATERAL (
        SELECT
            near.hold_id
        FROM clinicd.occupancies AS near
        WHERE near.clinic_id = :clinic_id
            AND (near.occupant_id, near.starts_at)
                < (wanted.occupant_id, visit.starts_at + wanted.ends_after)
            AND (near.occupant_id, near.starts_at)
                > (wanted.occupant_id, visit.starts_at + wanted.begins_after - interval '32 hours')
            AND near.hold_id IS NOT NULL
            AND near.ends_at > visit.starts_at + wanted.begins_after
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
