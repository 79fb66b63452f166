-- @returns many
-- @params from_id, until_id, start_time, end_time
-- Who was at the record of a patient whose every access is to be looked at, as is said today.
SELECT
    event.actor_id,
    event.patient_id,
    count(*) AS found_count,
    min(event.occurred_at) AS first_at,
    max(event.occurred_at) AS last_at
FROM clinicd.audit_events AS event
INNER JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = event.patient_id
WHERE event.clinic_id = :clinic_id
    AND event.id >= :from_id
    AND event.id < :until_id
    AND event.occurred_at >= :start_time
    AND event.occurred_at < :end_time
    AND event.actor_id IS NOT NULL
    AND event.actor_roles <> 'calendar_feed'
    AND event.outcome = 'OK'
    AND patient.vip
GROUP BY
    event.actor_id,
    event.patient_id
