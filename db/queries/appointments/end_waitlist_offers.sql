-- @returns count
-- @params entry_id, id, state, now, closed_by
-- Ends the open offers of an entry: all of them where `id` is NULL.
UPDATE clinicd.waitlist_offers
SET
    state = CASE WHEN expires_at <= :now THEN 'expired' ELSE :state END,
    closed_at = :now,
    closed_by = :closed_by
WHERE clinic_id = :clinic_id
    AND entry_id = :entry_id
    AND state = 'open'
    AND (:id::uuid IS NULL OR id = :id)
