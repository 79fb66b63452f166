-- @returns many
-- @params lookback_seconds, after_time, after_id
-- @global Each server follows the changes of all clinics; clinicd_auth may read exactly this.
-- How far back is counted by the clock of the database, which also set changed_at.
SELECT
    authz_changes.clinic_id,
    authz_changes.id,
    authz_changes.membership_id,
    authz_changes.session_id,
    COALESCE(authz_changes.min_epoch, 0) AS min_epoch,
    authz_changes.changed_at
FROM clinicd.authz_changes
WHERE authz_changes.changed_at >= now() - make_interval(secs => :lookback_seconds)
    AND (authz_changes.changed_at, authz_changes.id) > (:after_time::timestamptz, :after_id::uuid)
ORDER BY authz_changes.changed_at, authz_changes.id
LIMIT 1000
