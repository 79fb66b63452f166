-- @returns one
-- @params patient_id, now
SELECT
    count(*) FILTER (WHERE appointment.state = 'completed') AS completed,
    count(*) FILTER (WHERE appointment.state = 'no_show') AS no_show,
    count(*) FILTER (WHERE appointment.state = 'cancelled' AND appointment.cancelled_by = 'patient')
        AS cancelled_by_patient,
    count(*) FILTER (WHERE appointment.state = 'cancelled' AND appointment.cancelled_by = 'patient'
        AND appointment.cancelled_late) AS cancelled_late_by_patient,
    count(*) FILTER (WHERE appointment.state = 'cancelled' AND appointment.cancelled_by = 'clinic')
        AS cancelled_by_clinic,
    count(*) FILTER (WHERE appointment.state IN ('booked', 'confirmed')
        AND appointment.starts_at > :now) AS upcoming,
    max(appointment.starts_at) FILTER (WHERE appointment.state = 'completed') AS last_completed_at
FROM clinicd.appointments AS appointment
WHERE appointment.clinic_id = :clinic_id
    AND appointment.patient_id = :patient_id
