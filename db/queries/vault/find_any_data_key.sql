-- @returns one
-- @params
SELECT
    EXISTS (
        SELECT FROM clinicd.data_keys AS keys
        WHERE keys.clinic_id = :clinic_id
    ) AS found
