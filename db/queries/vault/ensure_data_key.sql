-- @returns optional
-- @params subject_id, version, clinic_key_version, wrapped
-- The newest key of the subject; the given one, if it has none yet. `own` says that this transaction
-- made it, so that nobody else can rely on it before the commit; `made`, that this statement did;
-- `first`, that the clinic had none. No row: another transaction has made one meanwhile, which the
-- next statement sees.
WITH made AS (
    INSERT INTO clinicd.data_keys
        (clinic_id, subject_id, version, clinic_key_version, wrapped)
    SELECT :clinic_id, :subject_id, :version, :clinic_key_version, :wrapped
    WHERE NOT EXISTS (
        SELECT FROM clinicd.data_keys AS earlier
        WHERE earlier.clinic_id = :clinic_id
            AND earlier.subject_id = :subject_id)
    ON CONFLICT DO NOTHING
    RETURNING version, clinic_key_version, wrapped
),
stored AS (
    SELECT
        keys.version,
        keys.clinic_key_version,
        keys.wrapped,
        coalesce(keys.xmin = pg_current_xact_id_if_assigned()::xid, false) AS own
    FROM clinicd.data_keys AS keys
    WHERE keys.clinic_id = :clinic_id
        AND keys.subject_id = :subject_id
    ORDER BY keys.version DESC
    LIMIT 1
)
SELECT
    stored.version,
    stored.clinic_key_version,
    stored.wrapped,
    stored.own,
    false AS made,
    false AS first
FROM stored
UNION ALL
SELECT
    made.version,
    made.clinic_key_version,
    made.wrapped,
    true,
    true,
    NOT EXISTS (
        SELECT FROM clinicd.data_keys AS other
        WHERE other.clinic_id = :clinic_id)
FROM made
