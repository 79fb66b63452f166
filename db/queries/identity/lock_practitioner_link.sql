-- @returns one
-- @params
-- Makes the transaction the only one that changes whose a practitioner's time is, while nobody takes a
-- time. The key is that of lock_diary_link, and as there this is a statement of its own.
SELECT
    pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', :clinic_id::uuid, 'diary_link'), 0)
    )::text AS done
