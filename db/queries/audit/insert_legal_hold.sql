-- @returns optional
-- @params id, patient_id, reason, placed_at, placed_by
-- No row: there is no such patient.
INSERT INTO clinicd.audit_legal_holds
    (clinic_id, id, patient_id, reason, placed_at, placed_by)
SELECT
    :clinic_id,
    :id,
    :patient_id,
    :reason,
    :placed_at,
    :placed_by
WHERE :patient_id::uuid IS NULL
    OR EXISTS (
        SELECT
        FROM clinicd.patients AS patient
        WHERE patient.clinic_id = :clinic_id
            AND patient.id = :patient_id)
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
