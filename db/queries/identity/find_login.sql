-- @returns optional
-- @params slug, email_key
-- @global Signing in starts without a clinic; clinicd_auth may read exactly this.
-- A row without membership: the clinic exists, the user does not.
SELECT
    clinics.id AS clinic_id,
    clinics.state = 'active' AS clinic_active,
    memberships.id AS membership_id,
    COALESCE(memberships.state = 'active', false) AS member_active,
    COALESCE(memberships.password_ct, '') AS password_ct,
    COALESCE(memberships.failed_sign_ins, 0) AS failed_sign_ins,
    memberships.last_failed_at,
    COALESCE(memberships.authz_epoch, 0) AS authz_epoch
FROM clinicd.clinics
LEFT JOIN clinicd.memberships
    ON memberships.clinic_id = clinics.id
    AND memberships.email_key = :email_key
WHERE clinics.slug = :slug
