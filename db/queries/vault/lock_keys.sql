-- @returns one
-- @params
-- Lets one transaction at a time change the keys of the clinic as a whole.
SELECT
    pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', :clinic_id::uuid, 'keys'), 0)
    )::text AS done
