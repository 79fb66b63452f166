-- @returns one
-- @params
-- @global There is no clinic to write to.
-- Makes a sign-in to a clinic that does not exist wait for the disk, as recording the failure in a
-- clinic that exists does.
SELECT pg_logical_emit_message(true, 'clinicd', '')::text AS position
