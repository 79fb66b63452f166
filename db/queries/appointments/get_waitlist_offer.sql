-- @returns optional
-- @params id
SELECT
    offer.id,
    offer.entry_id,
    offer.hold_id,
    offer.practitioner_id,
    offer.local_start,
    offer.time_zone,
    offer.duration_minutes,
    offer.starts_at,
    offer.ends_at,
    offer.buffer_before_minutes,
    offer.buffer_after_minutes,
    offer.allocations,
    offer.expires_at,
    offer.state,
    offer.appointment_id,
    offer.created_at,
    offer.closed_at,
    entry.patient_id
FROM clinicd.waitlist_offers AS offer
JOIN clinicd.waitlist_entries AS entry
    ON entry.clinic_id = :clinic_id
    AND entry.id = offer.entry_id
WHERE offer.clinic_id = :clinic_id
    AND offer.id = :id
