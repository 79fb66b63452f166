-- @returns optional
-- @params parent_id
SELECT
    id,
    used_at IS NOT NULL AS used
FROM clinicd.refresh_tokens
WHERE clinic_id = :clinic_id
    AND parent_id = :parent_id
