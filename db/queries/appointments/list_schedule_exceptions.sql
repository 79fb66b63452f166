-- @returns many
-- @params owner_kind, practitioner_id, resource_id, location_id, first_on, last_on, after_on, after_id, count_max
-- Those that touch the period, of one owner, or of all where owner_kind is NULL. The first page starts
-- after the nil id on the first day of all.
SELECT
    exception.id,
    exception.owner_kind,
    exception.practitioner_id,
    exception.resource_id,
    exception.location_id,
    exception.kind,
    exception.first_on,
    exception.last_on,
    exception.from_minute,
    exception.to_minute,
    exception.reason,
    exception.created_at
FROM clinicd.schedule_exceptions AS exception
WHERE exception.clinic_id = :clinic_id
    AND exception.last_on >= :first_on
    AND exception.first_on <= :last_on
    AND (exception.first_on, exception.id) > (:after_on, :after_id)
    AND (:owner_kind::text IS NULL
        OR (exception.owner_kind = :owner_kind
            AND exception.practitioner_id IS NOT DISTINCT FROM :practitioner_id
            AND exception.resource_id IS NOT DISTINCT FROM :resource_id
            AND (exception.owner_kind <> 'location'
                OR exception.location_id IS NOT DISTINCT FROM :location_id)))
ORDER BY
    exception.first_on,
    exception.id
LIMIT :count_max
