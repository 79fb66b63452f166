-- @returns one
-- @params entry_id, hold_id
-- The offer that stood in the way of insert_waitlist_offer.
SELECT
    id
FROM clinicd.waitlist_offers
WHERE clinic_id = :clinic_id
    AND entry_id = :entry_id
    AND hold_id = :hold_id
    AND state = 'open'
