-- @returns one
-- @params
-- @global A notification has no row and says only that there is something to read.
SELECT pg_notify('clinicd_authz', '')
