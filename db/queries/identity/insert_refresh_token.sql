-- @returns count
-- @params id, session_id, token_hash, parent_id, now, expires_at
INSERT INTO clinicd.refresh_tokens
    (clinic_id, id, session_id, token_hash, parent_id, issued_at, expires_at)
VALUES
    (:clinic_id, :id, :session_id, :token_hash, :parent_id, :now, :expires_at)
