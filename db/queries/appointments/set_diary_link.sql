-- @returns many
-- @params membership_id, linked, now
-- What is over takes no time any more, in no clinic.
WITH practitioner AS (
    UPDATE clinicd.practitioners AS own
    SET
        person_id = CASE WHEN :linked THEN membership.user_id END,
        row_version = own.row_version + 1
    FROM clinicd.memberships AS membership
    WHERE own.clinic_id = :clinic_id
        AND own.membership_id = :membership_id
        AND membership.clinic_id = :clinic_id
        AND membership.id = :membership_id
    RETURNING
        own.id,
        own.person_id
),
diary AS (
    UPDATE clinicd.occupancies AS part
    SET person_id = practitioner.person_id
    FROM practitioner
    WHERE part.clinic_id = :clinic_id
        AND part.practitioner_id = practitioner.id
        AND part.ends_at > :now
)
SELECT
    practitioner.id
FROM practitioner
