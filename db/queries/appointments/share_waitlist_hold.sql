-- @returns optional
-- @params practitioner_id, starts_at, duration_minutes, buffer_before_minutes, buffer_after_minutes, allocations, expires_at, now
-- The hold of offers of exactly that time, which from now on lasts until `expires_at` at least. No
-- row: the time is not offered to anybody.
UPDATE clinicd.holds AS hold
SET
    expires_at = GREATEST(hold.expires_at, :expires_at)
FROM clinicd.waitlist_offers AS offer
WHERE hold.clinic_id = :clinic_id
    AND hold.id = offer.hold_id
    AND hold.expires_at > :now
    AND offer.clinic_id = :clinic_id
    AND offer.starts_at = :starts_at
    AND offer.practitioner_id = :practitioner_id
    AND offer.state = 'open'
    AND offer.duration_minutes = :duration_minutes
    AND offer.buffer_before_minutes = :buffer_before_minutes
    AND offer.buffer_after_minutes = :buffer_after_minutes
    AND offer.allocations = :allocations
RETURNING
    hold.id
