-- @returns count
-- @params id, now
UPDATE clinicd.refresh_tokens
SET used_at = :now
WHERE clinic_id = :clinic_id
    AND id = :id
