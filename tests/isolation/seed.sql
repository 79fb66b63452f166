-- What a clinic of the isolation suite has besides db/isolation/canary.sql: what clinicd_app does not
-- write, or writes by itself. World fills in what stands in braces. Each column that can hold a word
-- has a value; Catalog::Plant() then puts the clinic's canary into all of them.
UPDATE clinicd.memberships
SET
    password_ct = '\x01',
    password_set_at = now()
WHERE clinic_id = '{clinic}';

-- Version 7, because events are found by the time in their ids.
INSERT INTO clinicd.audit_events (
    clinic_id, id, category, action, method, outcome, actor_id, actor_roles, session_id,
    patient_id, entity_type, entity_id, entity_version, request_id, client_address, user_agent,
    purpose, node, build)
SELECT
    '{clinic}',
    CASE n
        WHEN 1 THEN '{audit_event}'
        ELSE (lpad(to_hex((extract(EPOCH FROM now()) * 1000)::bigint), 12, '0')
            || '7000' || lpad(to_hex(32768 + n), 4, '0') || substr(md5('{clinic}' || n), 1, 12))::uuid
    END,
    'record',
    'update',
    'Method',
    'Outcome',
    '{user}',
    'receptionist',
    '{session}',
    '{patient}',
    'patient',
    '{patient}',
    1,
    'request',
    'address',
    'agent',
    'purpose',
    'node',
    'build'
FROM generate_series(1, 3) AS n;

-- The first of the events and one more are sealed, with hashes that are made up: an export has a
-- second page.
INSERT INTO clinicd.audit_leaves (clinic_id, leaf_index, event_id, leaf_hash)
SELECT
    '{clinic}',
    row_number() OVER (ORDER BY (id = '{audit_event}') DESC, id) - 1,
    id,
    sha256('{clinic}')
FROM clinicd.audit_events
WHERE clinic_id = '{clinic}'
ORDER BY
    (id = '{audit_event}') DESC,
    id
LIMIT 2;

INSERT INTO clinicd.audit_tiles (clinic_id, tile_level, tile_index, hashes)
VALUES ('{clinic}', 0, 0, decode(repeat('00', 8192), 'hex'));

INSERT INTO clinicd.audit_trees (clinic_id, tree_size, frontier)
VALUES ('{clinic}', 2, decode('0000000000000002', 'hex') || sha256('{clinic}'));

INSERT INTO clinicd.audit_heads (clinic_id, tree_size, root_hash, meta_index)
SELECT '{clinic}', 2, sha256('{clinic}'), count(*)
FROM clinicd.audit_heads;

INSERT INTO clinicd.audit_meta_leaves (meta_index, leaf_hash)
SELECT count(*), sha256('leaf')
FROM clinicd.audit_meta_leaves;

INSERT INTO clinicd.audit_checkpoints (meta_size, note)
SELECT count(*) + 1, 'note'
FROM clinicd.audit_checkpoints;

-- Of nobody, and not a key: the clinic's own are made when it keeps its first private value.
INSERT INTO clinicd.data_keys (clinic_id, subject_id, version, clinic_key_version, wrapped)
VALUES ('{clinic}', gen_random_uuid(), 1, 1, decode(repeat('00', 60), 'hex'));
