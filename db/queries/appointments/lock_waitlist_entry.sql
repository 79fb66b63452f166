-- @returns many
-- @params id
-- Waits for whoever edits the entry, and keeps it as it is, so that the statement after this reads what is
-- to be closed. Whoever edits it does not wait for lock_waitlist.
SELECT
    entry.id::text AS done
FROM clinicd.waitlist_entries AS entry
WHERE entry.clinic_id = :clinic_id
    AND entry.id = :id
FOR NO KEY UPDATE
