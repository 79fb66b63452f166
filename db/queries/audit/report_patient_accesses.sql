-- @returns many
-- @params patient_id, from_id, until_id, start_time, end_time
-- Who had to do with a patient. The names are those of today; a feed or a removed membership has none.
SELECT
    event.actor_id,
    member.given_name,
    member.family_name,
    event.actor_roles,
    event.read_count,
    event.change_count,
    event.refused_count,
    event.first_at,
    event.last_at
FROM (
    SELECT
        actor_id,
        actor_roles,
        count(*) FILTER (WHERE outcome = 'OK' AND action = 'read') AS read_count,
        count(*) FILTER (WHERE outcome = 'OK' AND action <> 'read') AS change_count,
        count(*) FILTER (WHERE outcome <> 'OK') AS refused_count,
        min(occurred_at) AS first_at,
        max(occurred_at) AS last_at
    FROM clinicd.audit_events
    WHERE clinic_id = :clinic_id
        AND patient_id = :patient_id
        AND id >= :from_id
        AND id < :until_id
        AND occurred_at >= :start_time
        AND occurred_at < :end_time
    GROUP BY
        actor_id,
        actor_roles
) AS event
LEFT JOIN clinicd.memberships AS member
    ON member.clinic_id = :clinic_id
    AND member.id = event.actor_id
ORDER BY
    event.last_at DESC
