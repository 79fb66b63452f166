-- @returns one
-- @params patient_id, visit_type_id, external_id, holder_id, part_kinds, part_occupants, part_offsets, part_durations, starts_at, duration_minutes, buffer_before_minutes, buffer_after_minutes
-- Why insert_appointment or insert_appointment_occupancies did not do all.
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
    (
        SELECT
            appointment.id
        FROM clinicd.appointments AS appointment
        WHERE appointment.clinic_id = :clinic_id
            AND appointment.external_id = :external_id
            AND appointment.id <> :holder_id
    ) AS same_external_id,
    EXISTS (
        SELECT
        FROM clinicd.patients AS patient
        WHERE patient.clinic_id = :clinic_id
            AND patient.id = :patient_id
    ) AS patient_exists,
    EXISTS (
        SELECT
        FROM clinicd.visit_types AS visit_type
        WHERE visit_type.clinic_id = :clinic_id
            AND visit_type.id = :visit_type_id
    ) AS visit_type_exists,
    EXISTS (
        SELECT
        FROM clinicd.visit_types AS visit_type
        WHERE visit_type.clinic_id = :clinic_id
            AND visit_type.id = :visit_type_id
            AND visit_type.active
    ) AS visit_type_active,
    (
        SELECT
            count(*)
        FROM wanted
        WHERE wanted.kind = 'practitioner'
            AND NOT EXISTS (
                SELECT
                FROM clinicd.practitioners AS practitioner
                WHERE practitioner.clinic_id = :clinic_id
                    AND practitioner.id = wanted.occupant_id)
    ) AS absent_practitioners,
    (
        SELECT
            count(*)
        FROM wanted
        WHERE wanted.kind = 'practitioner'
            AND EXISTS (
                SELECT
                FROM clinicd.practitioners AS practitioner
                WHERE practitioner.clinic_id = :clinic_id
                    AND practitioner.id = wanted.occupant_id
                    AND NOT practitioner.active)
    ) AS inactive_practitioners,
    (
        SELECT
            count(*)
        FROM wanted
        WHERE wanted.kind NOT IN ('practitioner', 'patient')
            AND NOT EXISTS (
                SELECT
                FROM clinicd.resources AS resource
                WHERE resource.clinic_id = :clinic_id
                    AND resource.id = wanted.occupant_id
                    AND resource.kind = wanted.kind)
    ) AS absent_resources,
    (
        SELECT
            count(*)
        FROM wanted
        WHERE wanted.kind NOT IN ('practitioner', 'patient')
            AND EXISTS (
                SELECT
                FROM clinicd.resources AS resource
                WHERE resource.clinic_id = :clinic_id
                    AND resource.id = wanted.occupant_id
                    AND resource.kind = wanted.kind
                    AND NOT resource.active)
    ) AS inactive_resources,
    (
        SELECT
            string_agg(DISTINCT wanted.kind, ',' ORDER BY wanted.kind)
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
    ) AS taken_kinds
