-- @returns count
-- @params version, now
INSERT INTO clinicd.time_zone_versions
    (clinic_id, version, updated_at)
VALUES
    (:clinic_id, :version, :now)
ON CONFLICT (clinic_id) DO UPDATE
SET
    version = EXCLUDED.version,
    updated_at = EXCLUDED.updated_at
