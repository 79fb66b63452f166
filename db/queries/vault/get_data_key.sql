-- @returns optional
-- @params subject_id, version
-- As ensure_data_key, of one version.
SELECT
    keys.version,
    keys.clinic_key_version,
    keys.wrapped,
    coalesce(keys.xmin = pg_current_xact_id_if_assigned()::xid, false) AS own,
    false AS made,
    false AS first
FROM clinicd.data_keys AS keys
WHERE keys.clinic_id = :clinic_id
    AND keys.subject_id = :subject_id
    AND keys.version = :version
