-- @returns many
-- @params membership_id, linked, person_id, joins, now
-- Who has linked and joins nobody stays who they are, also as another practitioner of the clinic.
-- What is over takes no time any more, in no clinic.
WITH practitioner AS (
    UPDATE clinicd.practitioners AS own
    SET
        person_id = CASE
            WHEN :joins THEN :person_id::uuid
            WHEN :linked THEN COALESCE(
                (
                    SELECT
                        before.person_id
                    FROM clinicd.practitioners AS before
                    WHERE before.clinic_id = :clinic_id
                        AND before.membership_id = :membership_id
                        AND before.person_id IS NOT NULL
                    ORDER BY before.id
                    LIMIT 1
                ),
                :person_id::uuid)
        END,
        row_version = own.row_version + 1
    WHERE own.clinic_id = :clinic_id
        AND own.membership_id = :membership_id
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
    practitioner.id,
    practitioner.person_id
FROM practitioner
