-- @returns count
-- @params membership_id, kept_id, now, end_reason
UPDATE clinicd.sessions
SET
    ended_at = :now,
    end_reason = :end_reason
WHERE clinic_id = :clinic_id
    AND membership_id = :membership_id
    AND id <> :kept_id
    AND ended_at IS NULL
