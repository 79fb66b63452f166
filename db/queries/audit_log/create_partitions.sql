-- @returns one
-- @params months_ahead
-- @global partitions are those of all clinics
SELECT clinicd.create_audit_partitions(:months_ahead::integer) AS made
