-- @returns one
-- @params id, membership_id, practitioner_id, local_start, time_zone, duration_minutes, starts_at, ends_at, expires_at, for_waitlist, now
INSERT INTO clinicd.holds
    (clinic_id, id, membership_id, practitioner_id, local_start, time_zone, duration_minutes,
     starts_at, ends_at, expires_at, for_waitlist, created_at)
VALUES
    (:clinic_id, :id, :membership_id, :practitioner_id, :local_start, :time_zone,
     :duration_minutes, :starts_at, :ends_at, :expires_at,
     :for_waitlist, :now)
RETURNING
    id
