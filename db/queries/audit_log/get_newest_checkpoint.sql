-- @returns optional
-- @params
-- @global notes over hashes tell nothing of a clinic
SELECT
    meta_size,
    note
FROM clinicd.audit_checkpoints
ORDER BY
    meta_size DESC
LIMIT 1
