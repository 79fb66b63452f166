-- @returns optional
-- @params session_id, membership_id, authz_epoch, failed_sign_ins, now, expires_at, user_agent, client_address, token_id, token_hash
-- No row: the member has changed since the password was checked (disabled, another password, other
-- rights), or another sign-in failed meanwhile.
WITH member AS (
    UPDATE clinicd.memberships
    SET
        failed_sign_ins = 0,
        last_failed_at = NULL
    WHERE clinic_id = :clinic_id
        AND id = :membership_id
        AND state = 'active'
        AND authz_epoch = :authz_epoch
        AND failed_sign_ins = :failed_sign_ins
    RETURNING id, roles
), session AS (
    INSERT INTO clinicd.sessions
        (clinic_id, id, membership_id, created_at, last_refreshed_at, expires_at, user_agent,
         client_address, authenticated_at)
    SELECT
        :clinic_id,
        :session_id,
        member.id,
        :now,
        :now,
        :expires_at,
        :user_agent,
        :client_address,
        :now
    FROM member
), token AS (
    INSERT INTO clinicd.refresh_tokens
        (clinic_id, id, session_id, token_hash, issued_at, expires_at)
    SELECT
        :clinic_id,
        :token_id,
        :session_id,
        :token_hash,
        :now,
        :expires_at
    FROM member
)
SELECT
    array_to_string(member.roles, ',') AS roles,
    clinics.time_zone
FROM member
JOIN clinicd.clinics
    ON clinics.id = :clinic_id
    AND clinics.state = 'active'
