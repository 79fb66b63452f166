-- @returns many
-- @params membership_id, now, before_id, count_max
-- Ids sort by creation.
SELECT
    id,
    created_at,
    last_refreshed_at,
    expires_at,
    user_agent,
    client_address
FROM clinicd.sessions
WHERE clinic_id = :clinic_id
    AND membership_id = :membership_id
    AND ended_at IS NULL
    AND expires_at > :now
    AND id < :before_id
ORDER BY id DESC
LIMIT :count_max
