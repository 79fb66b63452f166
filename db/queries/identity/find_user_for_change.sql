-- @returns optional
-- @params id
SELECT
    member.id,
    member.email,
    member.given_name,
    member.family_name,
    array_to_string(member.roles, ',') AS roles,
    member.state,
    member.created_at,
    member.row_version,
    member.authz_epoch,
    EXISTS (
        SELECT
        FROM clinicd.memberships AS other
        WHERE other.clinic_id = :clinic_id
            AND other.id <> member.id
            AND other.state = 'active'
            AND 'owner' = ANY (other.roles)
    ) AS has_other_owner
FROM clinicd.memberships AS member
WHERE member.clinic_id = :clinic_id
    AND member.id = :id
FOR NO KEY UPDATE OF member
