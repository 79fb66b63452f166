-- @returns one
-- @params patient_id, practitioner_id, external_id
-- Why insert_appointment returned no row.
SELECT
    (
        SELECT
            appointment.id
        FROM clinicd.appointments AS appointment
        WHERE appointment.clinic_id = :clinic_id
            AND appointment.external_id = :external_id
    ) AS same_external_id,
    EXISTS (
        SELECT
        FROM clinicd.patients AS patient
        WHERE patient.clinic_id = :clinic_id
            AND patient.id = :patient_id
    ) AS patient_exists,
    EXISTS (
        SELECT
        FROM clinicd.practitioners AS practitioner
        WHERE practitioner.clinic_id = :clinic_id
            AND practitioner.id = :practitioner_id
    ) AS practitioner_exists,
    EXISTS (
        SELECT
        FROM clinicd.practitioners AS practitioner
        WHERE practitioner.clinic_id = :clinic_id
            AND practitioner.id = :practitioner_id
            AND practitioner.active
    ) AS practitioner_active
