-- @returns many
-- @params from_id, until_id, start_time, end_time, open_from, open_until
-- Members who were at the record of patients outside of some spans, which are given as two lists of
-- seconds since 1970.
SELECT
    event.actor_id,
    NULL::uuid AS patient_id,
    count(*) AS found_count,
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
    AND NOT EXISTS (
        SELECT
        FROM unnest(
            string_to_array(:open_from, ' ')::bigint[],
            string_to_array(:open_until, ' ')::bigint[]) AS span (from_second, until_second)
        WHERE event.occurred_at >= to_timestamp(span.from_second)
            AND event.occurred_at < to_timestamp(span.until_second))
GROUP BY
    event.actor_id
