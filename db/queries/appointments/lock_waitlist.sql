-- @returns one
-- @params
-- Lets one transaction at a time change the offers of the clinic: what ends one may end others, and
-- the hold that they share, so that in any other order two could wait for each other.
SELECT
    pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', :clinic_id::uuid, 'waitlist'), 0)
    )::text AS done
