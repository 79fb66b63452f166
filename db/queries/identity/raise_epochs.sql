-- @returns count
-- @params
-- Has every member's tokens issued again, with what the clinic says now.
WITH raised AS (
    UPDATE clinicd.memberships
    SET authz_epoch = authz_epoch + 1
    WHERE clinic_id = :clinic_id
    RETURNING id, authz_epoch
)
INSERT INTO clinicd.authz_changes
    (clinic_id, id, membership_id, min_epoch)
SELECT
    :clinic_id,
    gen_random_uuid(),
    raised.id,
    raised.authz_epoch
FROM raised
