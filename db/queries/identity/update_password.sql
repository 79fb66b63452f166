-- @returns count
-- @params membership_id, password_ct, now, authz_epoch
UPDATE clinicd.memberships
SET
    password_ct = :password_ct,
    password_set_at = :now,
    failed_sign_ins = 0,
    last_failed_at = NULL,
    authz_epoch = :authz_epoch
WHERE clinic_id = :clinic_id
    AND id = :membership_id
