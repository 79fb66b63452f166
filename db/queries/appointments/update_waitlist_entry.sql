-- @returns count
-- @params id, visit_type_id, duration_minutes, practitioner_id, location_id, main_site, urgency, short_notice_minutes, earliest_on, latest_on, windows, note, row_version
-- No row: there is no such entry, another version of it, or it does not wait.
UPDATE clinicd.waitlist_entries
SET
    visit_type_id = :visit_type_id,
    duration_minutes = :duration_minutes,
    practitioner_id = :practitioner_id,
    location_id = :location_id,
    main_site = :main_site,
    urgency = :urgency,
    short_notice_minutes = :short_notice_minutes,
    earliest_on = :earliest_on,
    latest_on = :latest_on,
    windows = :windows,
    note = :note,
    row_version = row_version + 1
WHERE clinic_id = :clinic_id
    AND id = :id
    AND row_version = :row_version
    AND state = 'waiting'
