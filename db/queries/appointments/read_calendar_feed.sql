-- @returns many
-- @params secret_hash, begin_at, end_at, cancelled_since
-- The feed of a secret with the visits that its practitioner takes part in during a period: one row a
-- visit, or one without a visit where there is none; nothing where there is no such feed. Each visit
-- lasts from the first of the practitioner's parts to the last.
SELECT
    feed.id AS feed_id,
    feed.show_patient_names,
    clinic.time_zone AS clinic_time_zone,
    concat_ws(' ', practitioner.given_name, practitioner.family_name) AS practitioner_name,
    visit.id,
    visit.time_zone,
    visit.starts_at,
    visit.ends_at,
    visit.state,
    visit.row_version,
    visit.updated_at,
    CASE WHEN feed.show_patient_names THEN (
        SELECT concat_ws(' ', patient.given_name, patient.family_name)
        FROM clinicd.patients AS patient
        WHERE patient.clinic_id = :clinic_id
            AND patient.id = visit.patient_id
    ) END AS patient_name
FROM clinicd.calendar_feeds AS feed
JOIN clinicd.clinics AS clinic
    ON clinic.id = :clinic_id
    AND clinic.state = 'active'
JOIN clinicd.practitioners AS practitioner
    ON practitioner.clinic_id = :clinic_id
    AND practitioner.id = feed.practitioner_id
LEFT JOIN LATERAL (
    SELECT
        appointment.id,
        appointment.patient_id,
        appointment.time_zone,
        appointment.starts_at + make_interval(mins => taken.from_minute) AS starts_at,
        appointment.starts_at + make_interval(mins => taken.to_minute) AS ends_at,
        appointment.state,
        appointment.row_version,
        appointment.updated_at
    FROM (
        SELECT
            part.appointment_id,
            min(part.offset_minutes) AS from_minute,
            max(part.offset_minutes + part.duration_minutes) AS to_minute
        FROM clinicd.occupancies AS part
        WHERE part.clinic_id = :clinic_id
            AND part.occupant_id = feed.practitioner_id
            AND part.starts_at >= :begin_at
            AND part.starts_at < :end_at
            AND part.appointment_id IS NOT NULL
        GROUP BY part.appointment_id
    ) AS taken
    JOIN clinicd.appointments AS appointment
        ON appointment.clinic_id = :clinic_id
        AND appointment.id = taken.appointment_id
    WHERE appointment.state <> 'entered_in_error'
        AND COALESCE(appointment.cancelled_at, appointment.no_show_at, :cancelled_since)
            >= :cancelled_since
) AS visit ON true
WHERE feed.clinic_id = :clinic_id
    AND feed.secret_hash = :secret_hash
    AND feed.revoked_at IS NULL
ORDER BY
    visit.starts_at,
    visit.id
LIMIT 20000
