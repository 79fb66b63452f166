-- @returns many
-- @params
-- @global names of the log, which is one for all clinics
SELECT
    epoch,
    note
FROM clinicd.audit_epochs
ORDER BY
    epoch
