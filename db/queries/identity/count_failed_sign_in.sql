-- @returns count
-- @params membership_id, now
UPDATE clinicd.memberships
SET
    failed_sign_ins = failed_sign_ins + 1,
    last_failed_at = :now
WHERE clinic_id = :clinic_id
    AND id = :membership_id
