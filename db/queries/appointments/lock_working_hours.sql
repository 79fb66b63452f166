-- @returns one
-- @params owner
-- Makes the transaction the only one that replaces the hours of `owner`, which may have no row yet.
SELECT
    pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', :clinic_id::uuid, 'working_hours', :owner::text), 0)
    )::text AS done
