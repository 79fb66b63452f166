-- @returns one
-- @params id, patient_id, reason, placed_at, placed_by
INSERT INTO clinicd.audit_legal_holds
    (clinic_id, id, patient_id, reason, placed_at, placed_by)
VALUES
    (:clinic_id, :id, :patient_id, :reason, :placed_at, :placed_by)
RETURNING
    id,
    patient_id,
    state,
    reason,
    placed_at,
    placed_by,
    release_reason,
    released_at,
    released_by,
    row_version
