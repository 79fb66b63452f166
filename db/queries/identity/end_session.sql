-- @returns optional
-- @params id, membership_id, now, end_reason
-- No row: the member has no such session, or it has ended.
UPDATE clinicd.sessions
SET
    ended_at = :now,
    end_reason = :end_reason
WHERE clinic_id = :clinic_id
    AND id = :id
    AND membership_id = :membership_id
    AND ended_at IS NULL
    AND expires_at > :now
RETURNING id, created_at, last_refreshed_at, expires_at, user_agent, client_address
