-- @returns one
-- @params parts
-- Takes `parts`, as move_with_clock says them, and says whose parts could not all be taken: when
-- there are any, the transaction must not be committed. In the same order as insert_appointment.
WITH wanted AS (
    SELECT
        part.holder_id,
        part.position,
        part.appointment_id,
        part.hold_id,
        part.practitioner_id,
        part.resource_id,
        part.patient_id,
        part.person_id,
        part.lane,
        part.starts_at,
        part.ends_at,
        part.offset_minutes,
        part.duration_minutes
    FROM jsonb_to_recordset(:parts::jsonb) AS part (
        holder_id uuid, position smallint, appointment_id uuid, hold_id uuid, practitioner_id uuid,
        resource_id uuid, patient_id uuid, person_id uuid, lane smallint, starts_at timestamptz,
        ends_at timestamptz, offset_minutes integer, duration_minutes integer)
),
taken AS (
    INSERT INTO clinicd.occupancies
        (clinic_id, appointment_id, hold_id, position, practitioner_id, resource_id, patient_id,
         person_id, lane, starts_at, ends_at, offset_minutes, duration_minutes)
    SELECT
        :clinic_id,
        wanted.appointment_id,
        wanted.hold_id,
        wanted.position,
        wanted.practitioner_id,
        wanted.resource_id,
        wanted.patient_id,
        wanted.person_id,
        wanted.lane,
        wanted.starts_at,
        wanted.ends_at,
        wanted.offset_minutes,
        wanted.duration_minutes
    FROM wanted
    ORDER BY
        COALESCE(wanted.person_id, wanted.practitioner_id, wanted.resource_id, wanted.patient_id),
        wanted.starts_at
    ON CONFLICT DO NOTHING
    RETURNING
        occupancies.holder_id,
        occupancies.position
)
SELECT
    COALESCE(string_agg(DISTINCT wanted.holder_id::text, ' '), '') AS incomplete_ids
FROM wanted
LEFT JOIN taken
    ON taken.holder_id = wanted.holder_id
    AND taken.position = wanted.position
WHERE taken.position IS NULL
