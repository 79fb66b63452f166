-- @returns many
-- @params after_id, row_limit
-- @global What is done for all clinics begins with which ones there are; clinicd_jobs sees no more.
SELECT
    clinics.id
FROM clinicd.clinics
WHERE clinics.state = 'active'
    AND clinics.id > :after_id
ORDER BY clinics.id
LIMIT :row_limit
