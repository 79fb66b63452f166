-- @returns optional
-- @params session_id, token_id
-- Locks session and token, so that exchanges of one session happen one after the other and each
-- sees what the one before it did.
SELECT
    sessions.membership_id,
    sessions.expires_at,
    sessions.authenticated_at,
    sessions.ended_at IS NOT NULL AS ended,
    refresh_tokens.token_hash,
    refresh_tokens.used_at,
    memberships.state = 'active' AND clinics.state = 'active' AS may_continue,
    array_to_string(memberships.roles, ',') AS roles,
    memberships.authz_epoch,
    clinics.time_zone
FROM clinicd.sessions
JOIN clinicd.refresh_tokens
    ON refresh_tokens.clinic_id = :clinic_id
    AND refresh_tokens.session_id = sessions.id
    AND refresh_tokens.id = :token_id
JOIN clinicd.memberships
    ON memberships.clinic_id = :clinic_id
    AND memberships.id = sessions.membership_id
JOIN clinicd.clinics
    ON clinics.id = :clinic_id
WHERE sessions.clinic_id = :clinic_id
    AND sessions.id = :session_id
FOR NO KEY UPDATE OF sessions, refresh_tokens
