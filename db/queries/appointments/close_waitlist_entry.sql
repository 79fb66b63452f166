-- @returns count
-- @params id, state, appointment_id
-- No row: there is no such entry, or it does not wait.
UPDATE clinicd.waitlist_entries
SET
    state = :state,
    appointment_id = :appointment_id,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND state = 'waiting'
