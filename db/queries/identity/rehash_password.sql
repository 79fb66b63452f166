-- @returns count
-- @params membership_id, password_ct, authz_epoch
-- The same password under today's cost and pepper, unless it was replaced meanwhile.
UPDATE clinicd.memberships
SET password_ct = :password_ct
WHERE clinic_id = :clinic_id
    AND id = :membership_id
    AND authz_epoch = :authz_epoch
