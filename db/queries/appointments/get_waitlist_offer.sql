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
    entry.patient_id,
    visit_type.id AS visit_type_id
FROM clinicd.waitlist_offers AS offer
JOIN clinicd.waitlist_entries AS entry
    ON entry.clinic_id = :clinic_id
    AND entry.id = offer.entry_id
-- A type that takes no bookings any more is left out of the one that was offered before.
LEFT JOIN clinicd.visit_types AS visit_type
    ON visit_type.clinic_id = :clinic_id
    AND visit_type.id = entry.visit_type_id
    AND visit_type.active
WHERE offer.clinic_id = :clinic_id
    AND offer.id = :id
