-- @returns many
-- @params practitioner_id, first_on, last_on, begin_at, end_at, after_rank, after_created_at, after_id, row_limit
-- Who waits and takes that practitioner and a day from first_on to last_on, with what decides
-- whether a time from begin_at to end_at fits: how long their visit is, when they have others
-- ("FROM TO" in seconds, with commas between), and the latest offer that starts within the time.
-- Bounds are of rows for the reason in find_taken_kinds.
SELECT
    entry.id,
    entry.patient_id,
    patient.given_name AS patient_given_name,
    patient.family_name AS patient_family_name,
    entry.visit_type_id,
    entry.duration_minutes,
    entry.practitioner_id,
    entry.location_id,
    entry.main_site,
    entry.urgency,
    entry.short_notice_minutes,
    entry.earliest_on,
    entry.latest_on,
    entry.windows,
    entry.note,
    entry.state,
    entry.appointment_id,
    entry.row_version,
    entry.created_at,
    patient.phone,
    entry.urgency_rank,
    COALESCE(entry.duration_minutes, (
        SELECT
            max(segment.offset_minutes + segment.duration_minutes)
        FROM clinicd.visit_type_segments AS segment
        WHERE segment.clinic_id = :clinic_id
            AND segment.visit_type_id = entry.visit_type_id
    )) AS needed_minutes,
    (
        SELECT
            string_agg(
                concat_ws(' ', extract(EPOCH FROM part.starts_at)::bigint,
                    extract(EPOCH FROM part.ends_at)::bigint),
                ',' ORDER BY part.starts_at)
        FROM clinicd.occupancies AS part
        WHERE part.clinic_id = :clinic_id
            AND (part.occupant_id, part.starts_at)
                >= (entry.patient_id, :begin_at::timestamptz - interval '2 days')
            AND (part.occupant_id, part.starts_at) < (entry.patient_id, :end_at)
            AND part.ends_at > :begin_at
            AND part.active
    ) AS busy,
    offer.id AS offer_id,
    offer.state AS offer_state,
    offer.expires_at AS offer_expires_at
FROM clinicd.waitlist_entries AS entry
JOIN clinicd.patients AS patient
    ON patient.clinic_id = :clinic_id
    AND patient.id = entry.patient_id
LEFT JOIN LATERAL (
    SELECT
        made.id,
        made.state,
        made.expires_at
    FROM clinicd.waitlist_offers AS made
    WHERE made.clinic_id = :clinic_id
        AND made.entry_id = entry.id
        AND made.starts_at >= :begin_at
        AND made.starts_at < :end_at
    ORDER BY
        made.created_at DESC,
        made.id DESC
    LIMIT 1
) AS offer
    ON true
WHERE entry.clinic_id = :clinic_id
    AND entry.state = 'waiting'
    AND (entry.urgency_rank, entry.created_at, entry.id)
        > (:after_rank::smallint, :after_created_at::timestamptz, :after_id::uuid)
    AND (entry.practitioner_id IS NULL OR entry.practitioner_id = :practitioner_id)
    AND (entry.earliest_on IS NULL OR entry.earliest_on <= :last_on::date)
    AND (entry.latest_on IS NULL OR entry.latest_on >= :first_on::date)
ORDER BY
    entry.urgency_rank,
    entry.created_at,
    entry.id
LIMIT :row_limit
