-- @returns one
-- @params name
-- @global partitions are those of all clinics
SELECT clinicd.drop_audit_partition(:name) AS outcome
