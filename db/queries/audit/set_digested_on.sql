-- @returns count
-- @params day
-- It never goes back: another server may have come further.
UPDATE clinicd.clinics
SET audit_digested_on = :day
WHERE id = :clinic_id
    AND (audit_digested_on IS NULL OR audit_digested_on < :day)
