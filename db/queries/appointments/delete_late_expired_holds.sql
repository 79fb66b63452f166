-- @returns count
-- @params id, now
-- Holds that have expired and stand in the way of an appointment whose patient did not come, and may
-- come yet. As delete_expired_holds looks for them, and locked as there; behind lock_late_days.
WITH wanted AS MATERIALIZED (
    SELECT
        part.occupant_id,
        part.starts_at,
        part.ends_at,
        part.starts_at - interval '2 days' AS earliest
    FROM clinicd.appointments AS late
    JOIN clinicd.occupancies AS part
        ON part.clinic_id = :clinic_id
        AND part.holder_id = late.id
    WHERE late.clinic_id = :clinic_id
        AND late.id = :id
        AND late.state = 'no_show'
),
in_the_way AS MATERIALIZED (
    SELECT DISTINCT
        other.hold_id
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT
            near.hold_id
        FROM clinicd.occupancies AS near
        WHERE near.clinic_id = :clinic_id
            AND (near.occupant_id, near.starts_at) > (wanted.occupant_id, wanted.earliest)
            AND (near.occupant_id, near.starts_at) < (wanted.occupant_id, wanted.ends_at)
            AND near.hold_id IS NOT NULL
            AND near.ends_at > wanted.starts_at
        OFFSET 0
    ) AS other
),
expired AS MATERIALIZED (
    SELECT
        hold.id
    FROM in_the_way
    JOIN clinicd.holds AS hold
        ON hold.clinic_id = :clinic_id
        AND hold.id = in_the_way.hold_id
        AND hold.expires_at <= :now
    ORDER BY hold.id
    FOR UPDATE OF hold
),
freed AS (
    DELETE FROM clinicd.occupancies AS part
    USING expired
    WHERE part.clinic_id = :clinic_id
        AND part.holder_id = expired.id
)
DELETE FROM clinicd.holds AS hold
USING expired
WHERE hold.clinic_id = :clinic_id
    AND hold.id = expired.id
