-- @returns optional
-- @params membership_id
-- One attempt at a password at a time.
SELECT
    memberships.email_key,
    memberships.failed_sign_ins,
    memberships.last_failed_at,
    memberships.authz_epoch,
    clinics.slug
FROM clinicd.memberships
JOIN clinicd.clinics
    ON clinics.id = :clinic_id
WHERE memberships.clinic_id = :clinic_id
    AND memberships.id = :membership_id
    AND memberships.state = 'active'
FOR NO KEY UPDATE OF memberships
