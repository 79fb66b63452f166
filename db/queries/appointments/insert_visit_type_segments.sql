-- @returns count
-- @params visit_type_id, resource_kinds, offsets, durations
-- One text for all values of a column, which have no spaces; their order is the position.
INSERT INTO clinicd.visit_type_segments
    (clinic_id, visit_type_id, position, resource_kind, offset_minutes, duration_minutes)
SELECT
    :clinic_id,
    :visit_type_id,
    segment.position,
    segment.resource_kind,
    segment.offset_minutes::integer,
    segment.duration_minutes::integer
FROM unnest(
    string_to_array(:resource_kinds, ' '),
    string_to_array(:offsets, ' '),
    string_to_array(:durations, ' '))
    WITH ORDINALITY AS segment (resource_kind, offset_minutes, duration_minutes, position)
