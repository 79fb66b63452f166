-- @returns count
-- @params id, entry_id, hold_id, appointment_id, now, closed_by
-- Ends the offer that is accepted, all others of the same time, and all others of the same entry.
UPDATE clinicd.waitlist_offers
SET
    state = CASE
        WHEN id = :id THEN 'accepted'
        WHEN expires_at <= :now THEN 'expired'
        WHEN hold_id = :hold_id THEN 'taken'
        ELSE 'withdrawn'
    END,
    appointment_id = CASE WHEN id = :id THEN :appointment_id::uuid END,
    closed_at = :now,
    closed_by = :closed_by
WHERE clinic_id = :clinic_id
    AND state = 'open'
    AND (hold_id = :hold_id OR entry_id = :entry_id)
