-- @returns one
-- @params clinic_key, request_key
-- @global A lock has no row; its first key is derived from the clinic by the runner.
-- Makes a concurrent repetition of a call wait for the first one to commit, so that it finds the
-- stored answer instead of colliding with its effect.
SELECT pg_advisory_xact_lock(:clinic_key::integer, :request_key::integer)
