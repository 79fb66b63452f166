-- @returns count
-- @params id, entry_id, hold_id, practitioner_id, local_start, time_zone, duration_minutes, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, allocations, expires_at, now, created_by
-- No row: the entry has an open offer of that time.
INSERT INTO clinicd.waitlist_offers
    (clinic_id, id, entry_id, hold_id, practitioner_id, local_start, time_zone, duration_minutes,
     starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, allocations, expires_at,
     created_at, created_by)
VALUES
    (:clinic_id, :id, :entry_id, :hold_id, :practitioner_id, :local_start, :time_zone,
     :duration_minutes, :starts_at, :ends_at, :buffer_before_minutes, :buffer_after_minutes,
     :allocations, :expires_at, :now, :created_by)
ON CONFLICT DO NOTHING
