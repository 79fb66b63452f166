-- @returns many
-- @params word1_from, word1_to, word2_from, word2_to, word3_from, word3_to, word4_from, word4_to, word5_from, word5_to, after_family_name, after_given_name, after_id, row_limit
-- Ranges of tokens, because no other prefix search can use an index under row-level security. The
-- first word is the longest and finds the candidates; they are materialized, or the planner would
-- walk through all patients in the order of their names. A word that is NULL does not count.
WITH found AS MATERIALIZED (
    SELECT DISTINCT
        token1.patient_id
    FROM clinicd.patient_tokens AS token1
    WHERE token1.clinic_id = :clinic_id
        AND token1.token >= :word1_from
        AND token1.token < :word1_to
        AND (
            :word2_from::text IS NULL
            OR EXISTS (
                SELECT
                FROM clinicd.patient_tokens AS token2
                WHERE token2.clinic_id = :clinic_id
                    AND token2.patient_id = token1.patient_id
                    AND token2.token >= :word2_from
                    AND token2.token < :word2_to))
        AND (
            :word3_from::text IS NULL
            OR EXISTS (
                SELECT
                FROM clinicd.patient_tokens AS token3
                WHERE token3.clinic_id = :clinic_id
                    AND token3.patient_id = token1.patient_id
                    AND token3.token >= :word3_from
                    AND token3.token < :word3_to))
        AND (
            :word4_from::text IS NULL
            OR EXISTS (
                SELECT
                FROM clinicd.patient_tokens AS token4
                WHERE token4.clinic_id = :clinic_id
                    AND token4.patient_id = token1.patient_id
                    AND token4.token >= :word4_from
                    AND token4.token < :word4_to))
        AND (
            :word5_from::text IS NULL
            OR EXISTS (
                SELECT
                FROM clinicd.patient_tokens AS token5
                WHERE token5.clinic_id = :clinic_id
                    AND token5.patient_id = token1.patient_id
                    AND token5.token >= :word5_from
                    AND token5.token < :word5_to))
)
SELECT
    patient.id,
    patient.given_name,
    patient.family_name,
    patient.born_on,
    patient.sex,
    patient.file_number,
    patient.phone,
    patient.email,
    patient.address,
    patient.vip,
    patient.alert,
    patient.external_id,
    patient.row_version,
    patient.created_at,
    patient.updated_at
FROM found
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = found.patient_id
WHERE (patient.family_name, patient.given_name, patient.id)
    > (:after_family_name, :after_given_name, :after_id)
ORDER BY
    patient.family_name,
    patient.given_name,
    patient.id
LIMIT :row_limit
