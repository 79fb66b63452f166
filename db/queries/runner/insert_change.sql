-- @returns count
-- @params id, entity_type, entity_id, row_version, was_on, is_on
INSERT INTO clinicd.changes
    (clinic_id, id, entity_type, entity_id, row_version, was_on, is_on)
VALUES
    (:clinic_id, :id, :entity_type, :entity_id, :row_version, :was_on, :is_on)
