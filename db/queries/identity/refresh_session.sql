-- @returns count
-- @params id, now
UPDATE clinicd.sessions
SET last_refreshed_at = GREATEST(last_refreshed_at, :now)
WHERE clinic_id = :clinic_id
    AND id = :id
