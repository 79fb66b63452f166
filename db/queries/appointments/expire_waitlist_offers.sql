-- @returns count
-- @params entry_id, now
-- Says of the offers of an entry that have expired that they have.
UPDATE clinicd.waitlist_offers
SET
    state = 'expired',
    closed_at = :now
WHERE clinic_id = :clinic_id
    AND entry_id = :entry_id
    AND state = 'open'
    AND expires_at <= :now
