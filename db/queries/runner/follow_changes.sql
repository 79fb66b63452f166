-- @returns many
-- @params previous, from_number, row_limit
-- @global Each server follows the changes of all clinics; clinicd_auth may read exactly this.
-- What is visible now and was not visible in the snapshot `previous`, whose oldest unfinished
-- transaction is `from_number`: nothing is missed that commits late, and nothing comes twice. There
-- is always a row, for the snapshot of this look.
SELECT
    look.snapshot::text AS snapshot,
    change.clinic_id,
    change.entity_type,
    change.entity_id,
    change.was_on,
    change.is_on,
    change.age_us
FROM (SELECT pg_current_snapshot() AS snapshot) AS look
LEFT JOIN LATERAL (
    SELECT
        new.clinic_id,
        new.entity_type,
        new.entity_id,
        COALESCE(new.was_on, new.is_on) AS was_on,
        COALESCE(new.is_on, new.was_on) AS is_on,
        (EXTRACT(EPOCH FROM clock_timestamp() - new.changed_at) * 1000000)::bigint AS age_us
    FROM clinicd.changes AS new
    WHERE new.transaction_number >= :from_number
        AND NOT pg_visible_in_snapshot(new.transaction_number::text::xid8,
            :previous::pg_snapshot)
    ORDER BY
        new.transaction_number,
        new.id
    LIMIT :row_limit
) AS change
    ON true
ORDER BY look.snapshot::text
LIMIT :row_limit
