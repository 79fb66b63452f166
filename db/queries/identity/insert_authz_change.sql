-- @returns count
-- @params id, membership_id, session_id, min_epoch
INSERT INTO clinicd.authz_changes
    (clinic_id, id, membership_id, session_id, min_epoch)
VALUES
    (:clinic_id, :id, :membership_id, :session_id, :min_epoch)
