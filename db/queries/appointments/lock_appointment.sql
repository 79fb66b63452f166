-- @returns many
-- @params id
-- Waits for whoever changes the appointment, so that the statement after this sees all that they did. One
-- statement that waits for a row gets the new row, and beside it the old ones of everything else: it
-- would free the time that a move has given up, and leave what it took.
SELECT
    appointment.id::text AS done
FROM clinicd.appointments AS appointment
WHERE appointment.clinic_id = :clinic_id
    AND appointment.id = :id
FOR NO KEY UPDATE
