-- @returns count
-- @params id, name, description, color, buffer_before_minutes, buffer_after_minutes, online_bookable, min_notice_minutes, booking_window_days, cancel_cutoff_minutes, active, row_version
-- No row: there is no such visit type, or another version of it.
UPDATE clinicd.visit_types
SET
    name = :name,
    description = :description,
    color = :color,
    buffer_before_minutes = :buffer_before_minutes,
    buffer_after_minutes = :buffer_after_minutes,
    online_bookable = :online_bookable,
    min_notice_minutes = :min_notice_minutes,
    booking_window_days = :booking_window_days,
    cancel_cutoff_minutes = :cancel_cutoff_minutes,
    active = :active,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
