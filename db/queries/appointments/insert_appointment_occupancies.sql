-- @returns one
-- @params holder_id, lane, part_kinds, part_occupants, part_offsets, part_durations, starts_at, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- Takes what is not taken yet of what the appointment wants; complete when all of it is now. In the same
-- order as insert_appointment.
WITH wanted AS (
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
            END) AS ends_at
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
        wanted.starts_at,
        wanted.ends_at,
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
         person_id, lane, starts_at, ends_at, offset_minutes, duration_minutes)
    SELECT
        :clinic_id,
        :holder_id,
        usable.position,
        CASE WHEN usable.kind = 'practitioner' THEN usable.occupant_id END,
        CASE WHEN usable.kind NOT IN ('practitioner', 'patient') THEN usable.occupant_id END,
        CASE WHEN usable.kind = 'patient' THEN usable.occupant_id END,
        usable.person_id,
        CASE WHEN usable.kind = 'patient' THEN 0 ELSE :lane::smallint END,
        usable.starts_at,
        usable.ends_at,
        usable.offset_minutes,
        usable.duration_minutes
    FROM usable
    ORDER BY
        COALESCE(usable.person_id, usable.occupant_id),
        usable.starts_at
    ON CONFLICT DO NOTHING
    RETURNING
        occupancies.position
)
SELECT
    (SELECT count(*) FROM taken) + (
        SELECT
            count(*)
        FROM clinicd.occupancies AS part
        WHERE part.clinic_id = :clinic_id
            AND part.holder_id = :holder_id
    ) = (SELECT count(*) FROM wanted) AS complete
