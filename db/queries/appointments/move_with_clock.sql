-- @returns one
-- @params ids, row_versions, local_starts, old_starts, starts, now
-- Moves visits that are still expected, and holds (of version 0) that are alive, to where their local
-- time is now, and with a hold what is offered of it, unless it has begun by then. Says which ones, and
-- what they take from now on, as JSON: it is to be taken anew, by take_with_clock, in the same
-- transaction. Between two instants there are seconds, not days, whose length would depend on a time zone.
WITH visit AS (
    SELECT
        visit.id,
        visit.row_version,
        visit.local_start,
        visit.starts_at,
        make_interval(
            secs => EXTRACT(epoch FROM visit.starts_at - visit.was_at)::double precision) AS shift
    FROM unnest(
        string_to_array(:ids, ' ')::uuid[],
        string_to_array(:row_versions, ' ')::bigint[],
        string_to_array(:local_starts, ' ')::timestamp[],
        string_to_array(:old_starts, ' ')::timestamptz[],
        string_to_array(:starts, ' ')::timestamptz[])
        AS visit (id, row_version, local_start, was_at, starts_at)
),
appointment AS (
    UPDATE clinicd.appointments AS changed
    SET
        local_start = visit.local_start,
        starts_at = visit.starts_at,
        ends_at = visit.starts_at + make_interval(mins => changed.duration_minutes),
        row_version = changed.row_version + 1,
        updated_at = :now
    FROM visit
    WHERE changed.clinic_id = :clinic_id
        AND changed.id = visit.id
        AND changed.row_version = visit.row_version
        AND changed.state IN ('booked', 'confirmed')
    RETURNING
        changed.id,
        changed.row_version,
        changed.state,
        changed.practitioner_id,
        changed.local_start,
        changed.time_zone,
        changed.duration_minutes
),
event AS (
    INSERT INTO clinicd.appointment_events
        (clinic_id, appointment_id, row_version, kind, state, practitioner_id, local_start,
         time_zone, duration_minutes, occurred_at)
    SELECT
        :clinic_id,
        appointment.id,
        appointment.row_version,
        'clock_changed',
        appointment.state,
        appointment.practitioner_id,
        appointment.local_start,
        appointment.time_zone,
        appointment.duration_minutes,
        :now
    FROM appointment
),
hold AS (
    UPDATE clinicd.holds AS changed
    SET
        local_start = visit.local_start,
        starts_at = visit.starts_at,
        ends_at = visit.starts_at + make_interval(mins => changed.duration_minutes)
    FROM visit
    WHERE changed.clinic_id = :clinic_id
        AND changed.id = visit.id
        AND visit.row_version = 0
        AND changed.expires_at > :now
    RETURNING
        changed.id
),
offer AS (
    UPDATE clinicd.waitlist_offers AS changed
    SET
        local_start = visit.local_start,
        starts_at = visit.starts_at,
        ends_at = visit.starts_at + make_interval(mins => changed.duration_minutes),
        expires_at = LEAST(changed.expires_at, visit.starts_at)
    FROM hold
    JOIN visit
        ON visit.id = hold.id
    WHERE changed.clinic_id = :clinic_id
        AND changed.hold_id = hold.id
        AND changed.state = 'open'
        AND visit.starts_at > :now
),
moved AS (
    SELECT appointment.id FROM appointment
    UNION ALL
    SELECT hold.id FROM hold
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING moved, visit
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = moved.id
        AND visit.id = moved.id
    RETURNING
        part.holder_id,
        part.position,
        part.appointment_id,
        part.hold_id,
        part.practitioner_id,
        part.resource_id,
        part.patient_id,
        part.person_id,
        part.lane,
        part.starts_at + visit.shift AS starts_at,
        part.ends_at + visit.shift AS ends_at,
        part.offset_minutes,
        part.duration_minutes
)
SELECT
    COALESCE((SELECT string_agg(moved.id::text, ' ') FROM moved), '') AS moved_ids,
    COALESCE((SELECT jsonb_agg(to_jsonb(freed)) FROM freed), '[]'::jsonb)::text AS parts
