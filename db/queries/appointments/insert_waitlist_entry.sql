-- @returns count
-- @params id, patient_id, visit_type_id, duration_minutes, practitioner_id, location_id, main_site, urgency, short_notice_minutes, earliest_on, latest_on, windows, note, now, created_by
INSERT INTO clinicd.waitlist_entries
    (clinic_id, id, patient_id, visit_type_id, duration_minutes, practitioner_id, location_id,
     main_site, urgency, short_notice_minutes, earliest_on, latest_on, windows, note, created_at,
     created_by)
VALUES
    (:clinic_id, :id, :patient_id, :visit_type_id, :duration_minutes, :practitioner_id,
     :location_id, :main_site, :urgency, :short_notice_minutes, :earliest_on, :latest_on, :windows,
     :note, :now, :created_by)
