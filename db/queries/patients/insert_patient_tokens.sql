-- @returns count
-- @params patient_id, tokens
-- One text for all tokens, which have no spaces.
INSERT INTO clinicd.patient_tokens
    (clinic_id, token, patient_id)
SELECT
    :clinic_id,
    wanted.token,
    :patient_id
FROM unnest(string_to_array(:tokens, ' ')) AS wanted (token)
