-- @returns optional
-- @params id, patient_id, practitioner_id, local_start, time_zone, duration_minutes, starts_at, ends_at, reason, external_id, created_by, now
-- No row: the practitioner is absent, inactive or busy, or the external id is taken. A conflict does
-- nothing instead of failing, because failing inserts deadlock each other when many race for a slot.
WITH appointment AS (
    INSERT INTO clinicd.appointments
        (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
         starts_at, ends_at, reason, external_id, created_at, updated_at, created_by)
    SELECT
        :clinic_id,
        :id,
        :patient_id,
        practitioner.id,
        :local_start,
        :time_zone,
        :duration_minutes,
        :starts_at,
        :ends_at,
        :reason,
        :external_id,
        :now,
        :now,
        :created_by
    FROM clinicd.practitioners AS practitioner
    WHERE practitioner.clinic_id = :clinic_id
        AND practitioner.id = :practitioner_id
        AND practitioner.active
    ON CONFLICT DO NOTHING
    RETURNING
        appointments.id,
        appointments.patient_id,
        appointments.practitioner_id,
        appointments.local_start,
        appointments.time_zone,
        appointments.duration_minutes,
        appointments.starts_at,
        appointments.ends_at,
        appointments.reason,
        appointments.state,
        appointments.arrived_at,
        appointments.cancelled_at,
        appointments.cancelled_by,
        appointments.cancel_reason,
        appointments.external_id,
        appointments.row_version,
        appointments.created_at
)
SELECT
    appointment.id,
    appointment.patient_id,
    appointment.practitioner_id,
    appointment.local_start,
    appointment.time_zone,
    appointment.duration_minutes,
    appointment.starts_at,
    appointment.ends_at,
    appointment.reason,
    appointment.state,
    appointment.arrived_at,
    appointment.cancelled_at,
    appointment.cancelled_by,
    appointment.cancel_reason,
    appointment.external_id,
    appointment.row_version,
    appointment.created_at,
    patient.given_name AS patient_given_name,
    patient.family_name AS patient_family_name
FROM appointment
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = appointment.patient_id
