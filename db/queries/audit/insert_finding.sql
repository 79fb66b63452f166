-- @returns count
-- @params id, day, rule, actor_id, patient_id, found_count, first_at, last_at, created_at
-- None where it was found before.
INSERT INTO clinicd.audit_findings
    (clinic_id, id, day, rule, actor_id, patient_id, found_count, first_at, last_at, created_at)
VALUES
    (:clinic_id, :id, :day, :rule, :actor_id, :patient_id, :found_count, :first_at, :last_at,
     :created_at)
ON CONFLICT (clinic_id, day, rule, actor_id, patient_id) DO NOTHING
