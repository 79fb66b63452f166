-- @returns many
-- @params from_id, until_id, start_time, end_time, most
-- Members who had to do with more than so many patients.
SELECT
    event.actor_id,
    NULL::uuid AS patient_id,
    count(DISTINCT event.patient_id) AS found_count,
    min(event.occurred_at) AS first_at,
    max(event.occurred_at) AS last_at
FROM clinicd.audit_events AS event
WHERE event.clinic_id = :clinic_id
    AND event.id >= :from_id
    AND event.id < :until_id
    AND event.occurred_at >= :start_time
    AND event.occurred_at < :end_time
    AND event.actor_id IS NOT NULL
    AND event.actor_roles <> 'calendar_feed'
    AND event.patient_id IS NOT NULL
    AND event.outcome = 'OK'
GROUP BY
    event.actor_id
HAVING count(DISTINCT event.patient_id) > :most
