-- @returns one
-- @params
-- Makes the transaction the only one that changes whose a practitioner's time is, while nobody takes one
-- (lock_days_shared). A statement of its own: the next one sees what was taken meanwhile.
SELECT
    pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', :clinic_id::uuid, 'diary_link'), 0)
    )::text AS done
