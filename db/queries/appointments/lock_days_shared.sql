-- @returns many
-- @params days
-- Lets bookings of these days run beside each other, and not beside moves.
-- The days, in UTC, are one text with spaces; all take them in the same order.
SELECT
    pg_advisory_xact_lock_shared(locked.key)::text AS done
FROM (
    SELECT
        hashtextextended(concat_ws(' ', :clinic_id::uuid, day), 0) AS key
    FROM unnest(string_to_array(:days, ' ')) AS day
    ORDER BY key
) AS locked
