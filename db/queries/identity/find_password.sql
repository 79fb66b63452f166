-- @returns optional
-- @params clinic, membership_id
-- @global Only clinicd_auth may read password hashes, and it has no clinic set.
SELECT COALESCE(memberships.password_ct, '') AS password_ct
FROM clinicd.memberships
WHERE memberships.clinic_id = :clinic
    AND memberships.id = :membership_id
