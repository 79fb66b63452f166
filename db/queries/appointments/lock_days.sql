-- @returns many
-- @params days
-- Lets a move be the only change of the plan of these days: it gives up one time and takes another,
-- so that without this it could wait for a booking that waits for it.
-- The days, in UTC, are one text with spaces; all take them in the same order.
-- Before them, and shared as in lock_days_shared, the diary link.
SELECT
    pg_advisory_xact_lock_shared(
        hashtextextended(concat_ws(' ', :clinic_id::uuid, 'diary_link'), 0)
    )::text AS done
UNION ALL
SELECT
    pg_advisory_xact_lock(locked.key)::text AS done
FROM (
    SELECT
        hashtextextended(concat_ws(' ', :clinic_id::uuid, day), 0) AS key
    FROM unnest(string_to_array(:days, ' ')) AS day
    ORDER BY key
) AS locked
