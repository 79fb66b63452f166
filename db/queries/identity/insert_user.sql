-- @returns one
-- @params id, person_id, email, email_key, given_name, family_name, roles, password_ct, now, created_by
INSERT INTO clinicd.memberships
    (clinic_id, id, user_id, email, email_key, given_name, family_name, roles, password_ct,
     password_set_at, created_at, created_by)
VALUES
    (:clinic_id, :id, :person_id, :email, :email_key, :given_name, :family_name,
     string_to_array(:roles, ','), :password_ct, :now, :now, :created_by)
RETURNING
    id,
    email,
    given_name,
    family_name,
    array_to_string(roles, ',') AS roles,
    state,
    created_at,
    row_version
