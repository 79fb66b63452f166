-- @returns count
-- @params id, name, description, color, buffer_before_minutes, buffer_after_minutes, online_bookable, min_notice_minutes, booking_window_days, cancel_cutoff_minutes, external_id, now, created_by
-- No row: a visit type has that external id.
INSERT INTO clinicd.visit_types
    (clinic_id, id, name, description, color, buffer_before_minutes, buffer_after_minutes,
     online_bookable, min_notice_minutes, booking_window_days, cancel_cutoff_minutes, external_id,
     created_at, created_by)
VALUES
    (:clinic_id, :id, :name, :description, :color, :buffer_before_minutes, :buffer_after_minutes,
     :online_bookable, :min_notice_minutes, :booking_window_days, :cancel_cutoff_minutes,
     :external_id, :now, :created_by)
ON CONFLICT (clinic_id, external_id) DO NOTHING
