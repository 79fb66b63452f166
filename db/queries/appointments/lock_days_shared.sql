-- @returns many
-- @params days
-- Lets bookings of these days run beside each other, and not beside moves.
-- The days, in UTC, are one text with spaces; all take them in the same order.
-- Before them the diary link: whose person was read must not be linked, nor the link end, before what
-- is taken for them is there (lock_diary_link). After a day it could close a circle: who waits for the
-- link stands behind all who hold it, and they may wait for the day.
SELECT
    pg_advisory_xact_lock_shared(
        hashtextextended(concat_ws(' ', :clinic_id::uuid, 'diary_link'), 0)
    )::text AS done
UNION ALL
SELECT
    pg_advisory_xact_lock_shared(locked.key)::text AS done
FROM (
    SELECT
        hashtextextended(concat_ws(' ', :clinic_id::uuid, day), 0) AS key
    FROM unnest(string_to_array(:days, ' ')) AS day
    ORDER BY key
) AS locked
