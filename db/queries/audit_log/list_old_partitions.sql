-- @returns many
-- @params
-- @global partitions are those of all clinics
-- Months that may be over their retention, oldest first.
SELECT
    child.relname::text AS name
FROM pg_inherits AS link
INNER JOIN pg_class AS child
    ON child.oid = link.inhrelid
WHERE link.inhparent = 'clinicd.audit_events'::regclass
    AND child.relname::text <= to_char(now() - interval '85 months', '"audit_events_"YYYY_MM')
    AND child.relname::text ~ '^audit_events_[0-9]{4}_[0-9]{2}$'
ORDER BY
    child.relname::text
