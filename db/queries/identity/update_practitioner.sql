-- @returns optional
-- @params id, membership_id, given_name, family_name, speciality, active, row_version, now
-- No row: there is no such practitioner, or another version of it.
-- Who becomes another user's is linked with the former one's diaries no more: see set_diary_link.
WITH practitioner AS (
    UPDATE clinicd.practitioners
    SET
        person_id = CASE
            WHEN membership_id IS NOT DISTINCT FROM :membership_id::uuid THEN person_id
        END,
        membership_id = :membership_id,
        given_name = :given_name,
        family_name = :family_name,
        speciality = :speciality,
        active = :active,
        row_version = row_version + 1
    WHERE clinic_id = :clinic_id
        AND id = :id
        AND row_version = :row_version
    RETURNING
        id,
        membership_id,
        person_id,
        given_name,
        family_name,
        speciality,
        active,
        external_id,
        created_at,
        row_version
),
diary AS (
    UPDATE clinicd.occupancies AS part
    SET person_id = NULL
    FROM practitioner
    WHERE practitioner.person_id IS NULL
        AND part.clinic_id = :clinic_id
        AND part.occupant_id = :id
        AND part.person_id IS NOT NULL
        AND part.ends_at > :now
)
SELECT
    practitioner.id,
    practitioner.membership_id,
    practitioner.given_name,
    practitioner.family_name,
    practitioner.speciality,
    practitioner.active,
    practitioner.external_id,
    practitioner.created_at,
    practitioner.row_version
FROM practitioner
