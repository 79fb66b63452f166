-- @returns optional
-- @params id, membership_id, now
-- No row: there is none, it has expired, or it is another's or the waiting list's.
WITH hold AS MATERIALIZED (
    SELECT
        own.id
    FROM clinicd.holds AS own
    WHERE own.clinic_id = :clinic_id
        AND own.id = :id
        AND own.membership_id = :membership_id
        AND own.expires_at > :now
        AND NOT own.for_waitlist
    FOR UPDATE
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING hold
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = hold.id
)
DELETE FROM clinicd.holds AS gone
USING hold
WHERE gone.clinic_id = :clinic_id
    AND gone.id = hold.id
RETURNING
    gone.id
