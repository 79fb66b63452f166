-- @returns many
-- @params id
-- Makes the transaction the only one that changes the plan of the days of an appointment whose patient did
-- not come, and may come yet: who takes a time again takes it in an order of their own, and fails where a
-- booking would not, so that without this they and bookings could wait for each other.
-- The keys are those of lock_days. No other change lets such an appointment move meanwhile.
SELECT
    pg_advisory_xact_lock(locked.key)::text AS done
FROM (
    SELECT
        hashtextextended(concat_ws(' ', :clinic_id::uuid, to_char(day.begin_at, 'YYYY-MM-DD')), 0)
            AS key
    FROM clinicd.appointments AS late
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', (late.starts_at - make_interval(mins => late.buffer_before_minutes))
            AT TIME ZONE 'UTC'),
        (late.ends_at + make_interval(mins => late.buffer_after_minutes)) AT TIME ZONE 'UTC',
        interval '1 day') AS day (begin_at)
    WHERE late.clinic_id = :clinic_id
        AND late.id = :id
        AND late.state = 'no_show'
    ORDER BY key
) AS locked
