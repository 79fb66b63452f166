-- @returns one
-- @params id, roles, state, authz_epoch
-- Enabling, too, comes here, and forgives wrong passwords.
UPDATE clinicd.memberships
SET
    roles = string_to_array(:roles, ','),
    state = :state,
    authz_epoch = :authz_epoch,
    failed_sign_ins = CASE WHEN state = :state THEN failed_sign_ins ELSE 0 END,
    last_failed_at = CASE WHEN state = :state THEN last_failed_at END,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
RETURNING
    id,
    email,
    given_name,
    family_name,
    array_to_string(roles, ',') AS roles,
    state,
    created_at,
    row_version
