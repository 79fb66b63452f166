-- @returns count
-- @params entry_id, now
-- Lets each hold of a time that the entry was offered last as long as the offers of it that are
-- still open, and frees the time where there is none.
WITH hold AS MATERIALIZED (
    SELECT
        held.id,
        (
            SELECT
                max(open.expires_at)
            FROM clinicd.waitlist_offers AS open
            WHERE open.clinic_id = :clinic_id
                AND open.hold_id = held.id
                AND open.state = 'open'
                AND open.expires_at > :now
        ) AS last_expiry
    FROM clinicd.holds AS held
    WHERE held.clinic_id = :clinic_id
        AND held.id IN (
            SELECT
                ended.hold_id
            FROM clinicd.waitlist_offers AS ended
            WHERE ended.clinic_id = :clinic_id
                AND ended.entry_id = :entry_id)
    ORDER BY held.id
    FOR UPDATE OF held
),
kept AS (
    UPDATE clinicd.holds AS other
    SET
        expires_at = hold.last_expiry
    FROM hold
    WHERE other.clinic_id = :clinic_id
        AND other.id = hold.id
        AND hold.last_expiry IS NOT NULL
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING hold
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = hold.id
        AND hold.last_expiry IS NULL
)
DELETE FROM clinicd.holds AS gone
USING hold
WHERE gone.clinic_id = :clinic_id
    AND gone.id = hold.id
    AND hold.last_expiry IS NULL
