-- @returns many
-- @params ids, ordinals, starts, part_kinds, part_occupants, part_offsets, part_durations, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- Takes what the appointments of a series want, and returns those that did not get all of it: after
-- that the transaction must not be committed. In the same order as insert_appointment.
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
),
usable AS (
    SELECT
        wanted.position,
        wanted.kind,
        wanted.occupant_id,
        wanted.offset_minutes,
        wanted.duration_minutes,
        wanted.begins_after,
        wanted.ends_after,
        practitioner.person_id
    FROM wanted
    LEFT JOIN clinicd.practitioners AS practitioner
        ON wanted.kind = 'practitioner'
        AND practitioner.clinic_id = :clinic_id
        AND practitioner.id = wanted.occupant_id
        AND practitioner.active
    LEFT JOIN clinicd.resources AS resource
        ON resource.clinic_id = :clinic_id
        AND resource.id = wanted.occupant_id
        AND resource.kind = wanted.kind
        AND resource.active
    WHERE wanted.kind = 'patient'
        OR practitioner.id IS NOT NULL
        OR resource.id IS NOT NULL
),
taken AS (
    INSERT INTO clinicd.occupancies
        (clinic_id, appointment_id, position, practitioner_id, resource_id, patient_id,
         person_id, starts_at, ends_at, offset_minutes, duration_minutes)
    SELECT
        :clinic_id,
        visit.id,
        usable.position,
        CASE WHEN usable.kind = 'practitioner' THEN usable.occupant_id END,
        CASE WHEN usable.kind NOT IN ('practitioner', 'patient') THEN usable.occupant_id END,
        CASE WHEN usable.kind = 'patient' THEN usable.occupant_id END,
        usable.person_id,
        visit.starts_at + usable.begins_after,
        visit.starts_at + usable.ends_after,
        usable.offset_minutes,
        usable.duration_minutes
    FROM visit
    CROSS JOIN usable
    ORDER BY
        COALESCE(usable.person_id, usable.occupant_id),
        visit.starts_at + usable.begins_after
    ON CONFLICT DO NOTHING
    RETURNING
        occupancies.appointment_id
),
got AS (
    SELECT
        taken.appointment_id,
        count(*) AS parts
    FROM taken
    GROUP BY taken.appointment_id
)
SELECT
    visit.ordinal
FROM visit
LEFT JOIN got
    ON got.appointment_id = visit.id
WHERE got.parts IS DISTINCT FROM (SELECT count(*) FROM wanted)
ORDER BY visit.ordinal
