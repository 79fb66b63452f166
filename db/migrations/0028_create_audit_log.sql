-- db/migrations/0028_create_audit_log.sql
-- Purpose:   the log that seals audit events: a Merkle tree a clinic, one over the heads of all
--            clinics, and its signed checkpoints.
-- Locks:     new tables only.
-- Data:      none; the sealer starts with the oldest event.
-- Roll back: never in place; a later migration drops the tables.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- Hashes are those of RFC 6962 with SHA-256. What is here is written by the sealer, a batch in one
-- transaction, and never changed: but for the two states, which say where it goes on.

-- Which event is which leaf of its clinic's tree.
CREATE TABLE clinicd.audit_leaves (
    clinic_id  uuid        NOT NULL,
    leaf_index bigint      NOT NULL,
    event_id   uuid        NOT NULL,
    leaf_hash  bytea       NOT NULL,
    sealed_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_leaves_pk PRIMARY KEY (clinic_id, leaf_index),
    -- No event is sealed twice.
    CONSTRAINT audit_leaves_event_uq UNIQUE (clinic_id, event_id),
    CONSTRAINT audit_leaves_leaf_index_ck CHECK (leaf_index >= 0),
    CONSTRAINT audit_leaves_leaf_hash_ck CHECK (octet_length(leaf_hash) = 32)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02);

COMMENT ON TABLE clinicd.audit_leaves IS
    'The leaves of the trees of audit events, from 0 without a gap. They outlive the events. No PHI.';

-- Hashes inside the trees, 256 together: those of positions 256 * tile_index and on, of the level
-- 8 * tile_level of the tree. Only full ones; what is not in one yet comes from the leaves.
CREATE TABLE clinicd.audit_tiles (
    clinic_id  uuid     NOT NULL,
    tile_level smallint NOT NULL,
    tile_index bigint   NOT NULL,
    hashes     bytea    NOT NULL,

    CONSTRAINT audit_tiles_pk PRIMARY KEY (clinic_id, tile_level, tile_index),
    CONSTRAINT audit_tiles_tile_level_ck CHECK (tile_level BETWEEN 0 AND 7),
    CONSTRAINT audit_tiles_tile_index_ck CHECK (tile_index >= 0),
    CONSTRAINT audit_tiles_hashes_ck CHECK (octet_length(hashes) = 8192)
);
COMMENT ON TABLE clinicd.audit_tiles IS
    'Inner hashes of the trees of audit events, in tiles. No PHI.';

-- A head of a clinic's tree, which is a leaf of the tree of all heads.
CREATE TABLE clinicd.audit_heads (
    clinic_id  uuid        NOT NULL,
    tree_size  bigint      NOT NULL,
    root_hash  bytea       NOT NULL,
    meta_index bigint      NOT NULL,
    sealed_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_heads_pk PRIMARY KEY (clinic_id, tree_size),
    CONSTRAINT audit_heads_meta_index_uq UNIQUE (meta_index),
    CONSTRAINT audit_heads_tree_size_ck CHECK (tree_size >= 1),
    CONSTRAINT audit_heads_root_hash_ck CHECK (octet_length(root_hash) = 32),
    CONSTRAINT audit_heads_meta_index_ck CHECK (meta_index >= 0)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02);
COMMENT ON TABLE clinicd.audit_heads IS
    'Sizes and roots of the trees of audit events at which they were sealed. No PHI.';
COMMENT ON COLUMN clinicd.audit_heads.meta_index IS
    'Which leaf of the tree of all clinics'' heads this one is.';

-- Where the sealer goes on with a clinic.
CREATE TABLE clinicd.audit_trees (
    clinic_id uuid   NOT NULL,
    tree_size bigint NOT NULL,
    frontier  bytea  NOT NULL,

    CONSTRAINT audit_trees_pk PRIMARY KEY (clinic_id),
    CONSTRAINT audit_trees_tree_size_ck CHECK (tree_size >= 1),
    CONSTRAINT audit_trees_frontier_ck CHECK (octet_length(frontier) % 32 = 8)
) WITH (fillfactor = 50);
COMMENT ON TABLE clinicd.audit_trees IS
    'The newest size of the tree of audit events of each clinic, and its right edge: the size in '
    'eight bytes, then the roots of its perfect subtrees, largest first. No PHI.';

-- The tree of all clinics' heads. Hashes of roots tell nothing of what they are made from.
CREATE TABLE clinicd.audit_meta_leaves (
    meta_index bigint NOT NULL,
    leaf_hash  bytea  NOT NULL,

    CONSTRAINT audit_meta_leaves_pk PRIMARY KEY (meta_index),
    CONSTRAINT audit_meta_leaves_meta_index_ck CHECK (meta_index >= 0),
    CONSTRAINT audit_meta_leaves_leaf_hash_ck CHECK (octet_length(leaf_hash) = 32)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02);
COMMENT ON TABLE clinicd.audit_meta_leaves IS
    'The leaves of the tree of all clinics'' heads, from 0 without a gap. No PHI.';

CREATE TABLE clinicd.audit_meta_tiles (
    tile_level smallint NOT NULL,
    tile_index bigint   NOT NULL,
    hashes     bytea    NOT NULL,

    CONSTRAINT audit_meta_tiles_pk PRIMARY KEY (tile_level, tile_index),
    CONSTRAINT audit_meta_tiles_tile_level_ck CHECK (tile_level BETWEEN 0 AND 7),
    CONSTRAINT audit_meta_tiles_tile_index_ck CHECK (tile_index >= 0),
    CONSTRAINT audit_meta_tiles_hashes_ck CHECK (octet_length(hashes) = 8192)
);
COMMENT ON TABLE clinicd.audit_meta_tiles IS
    'Inner hashes of the tree of all clinics'' heads, as audit_tiles. No PHI.';

CREATE TABLE clinicd.audit_checkpoints (
    meta_size  bigint      NOT NULL,
    note       text        NOT NULL,
    signed_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_checkpoints_pk PRIMARY KEY (meta_size),
    CONSTRAINT audit_checkpoints_meta_size_ck CHECK (meta_size >= 1),
    CONSTRAINT audit_checkpoints_note_ck CHECK (char_length(note) BETWEEN 1 AND 4000)
);
COMMENT ON TABLE clinicd.audit_checkpoints IS
    'Signed notes (C2SP tlog-checkpoint) over the tree of all clinics'' heads. No PHI.';

CREATE TABLE clinicd.audit_cosignatures (
    meta_size   bigint      NOT NULL,
    witness     text        NOT NULL,
    line        text        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_cosignatures_pk PRIMARY KEY (meta_size, witness),
    CONSTRAINT audit_cosignatures_checkpoint_fk FOREIGN KEY (meta_size)
        REFERENCES clinicd.audit_checkpoints (meta_size),
    CONSTRAINT audit_cosignatures_witness_ck CHECK (char_length(witness) BETWEEN 1 AND 200),
    CONSTRAINT audit_cosignatures_line_ck CHECK (char_length(line) BETWEEN 1 AND 500)
);
COMMENT ON TABLE clinicd.audit_cosignatures IS
    'What witnesses said of checkpoints: signature lines of their notes. No PHI.';

-- One row, which is also the lock of whoever seals.
CREATE TABLE clinicd.audit_sealer (
    only_row          boolean     NOT NULL DEFAULT true,
    system_identifier bigint      NOT NULL,
    last_transaction  bigint      NOT NULL DEFAULT 0,
    last_event_id     uuid        NOT NULL,
    meta_size         bigint      NOT NULL DEFAULT 0,
    meta_frontier     bytea       NOT NULL DEFAULT '',
    changed_at        timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_sealer_pk PRIMARY KEY (only_row),
    CONSTRAINT audit_sealer_only_row_ck CHECK (only_row),
    CONSTRAINT audit_sealer_meta_size_ck CHECK (meta_size >= 0),
    CONSTRAINT audit_sealer_meta_frontier_ck CHECK (
        meta_frontier = '' OR octet_length(meta_frontier) % 32 = 8)
) WITH (fillfactor = 20);
COMMENT ON TABLE clinicd.audit_sealer IS
    'How far the sealing of audit events has come. No PHI.';
COMMENT ON COLUMN clinicd.audit_sealer.system_identifier IS
    'Of the cluster that last_transaction belongs to. In another one, to which the rows were '
    'copied, transactions are numbered anew, and what is not sealed yet is looked for one by one.';
COMMENT ON COLUMN clinicd.audit_sealer.last_transaction IS
    'With last_event_id: the last event that was sealed, in the order of sealing.';

-- Nothing of the log is changed or removed.
CREATE TRIGGER audit_leaves_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();
CREATE TRIGGER audit_tiles_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();
CREATE TRIGGER audit_heads_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();
CREATE TRIGGER audit_meta_leaves_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_meta_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();
CREATE TRIGGER audit_meta_tiles_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_meta_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();
CREATE TRIGGER audit_checkpoints_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON clinicd.audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION clinicd.refuse_change();

-- Tables of clinics: each clinic reads its own, the sealer writes all.
DO $policies$
DECLARE
    of_clinics text;
BEGIN
    FOREACH of_clinics IN ARRAY ARRAY['audit_leaves', 'audit_tiles', 'audit_heads', 'audit_trees']
    LOOP
        EXECUTE format('ALTER TABLE clinicd.%I ENABLE ROW LEVEL SECURITY', of_clinics);
        EXECUTE format('ALTER TABLE clinicd.%I FORCE ROW LEVEL SECURITY', of_clinics);
        EXECUTE format('CREATE POLICY %I ON clinicd.%I FOR ALL TO clinicd_app '
            'USING (clinic_id = (SELECT clinicd.current_clinic_id())) '
            'WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()))',
            of_clinics || '_clinic_isolation', of_clinics);
        EXECUTE format('CREATE POLICY %I ON clinicd.%I AS RESTRICTIVE FOR ALL '
            'TO clinicd_app, clinicd_auth, clinicd_jobs, clinicd_owner '
            'USING (clinic_id = (SELECT clinicd.current_clinic_id())) '
            'WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()))',
            of_clinics || '_clinic_isolation_restrictive', of_clinics);
        EXECUTE format('CREATE POLICY %I ON clinicd.%I FOR ALL TO clinicd_sealer '
            'USING (true) WITH CHECK (true)', of_clinics || '_sealing', of_clinics);
        EXECUTE format('GRANT SELECT ON clinicd.%I TO clinicd_app, clinicd_sealer', of_clinics);
        EXECUTE format('GRANT INSERT ON clinicd.%I TO clinicd_sealer', of_clinics);
    END LOOP;
END
$policies$;
GRANT UPDATE (tree_size, frontier) ON clinicd.audit_trees TO clinicd_sealer;

-- Tables of the tree of heads: hashes and notes that all clinics may read and nobody can tell
-- anything of another clinic from.
DO $policies$
DECLARE
    of_all text;
BEGIN
    FOREACH of_all IN ARRAY ARRAY[
        'audit_meta_leaves', 'audit_meta_tiles', 'audit_checkpoints', 'audit_cosignatures']
    LOOP
        EXECUTE format('ALTER TABLE clinicd.%I ENABLE ROW LEVEL SECURITY', of_all);
        EXECUTE format('ALTER TABLE clinicd.%I FORCE ROW LEVEL SECURITY', of_all);
        EXECUTE format('CREATE POLICY %I ON clinicd.%I FOR SELECT TO clinicd_app USING (true)',
            of_all || '_reading', of_all);
        EXECUTE format('CREATE POLICY %I ON clinicd.%I FOR ALL TO clinicd_sealer '
            'USING (true) WITH CHECK (true)', of_all || '_sealing', of_all);
        EXECUTE format('GRANT SELECT ON clinicd.%I TO clinicd_app', of_all);
        EXECUTE format('GRANT SELECT, INSERT ON clinicd.%I TO clinicd_sealer', of_all);
    END LOOP;
END
$policies$;

ALTER TABLE clinicd.audit_sealer ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinicd.audit_sealer FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_sealer_sealing ON clinicd.audit_sealer
    FOR ALL TO clinicd_sealer
    USING (true)
    WITH CHECK (true);
GRANT SELECT, INSERT ON clinicd.audit_sealer TO clinicd_sealer;
GRANT UPDATE (system_identifier, last_transaction, last_event_id, meta_size, meta_frontier,
    changed_at) ON clinicd.audit_sealer TO clinicd_sealer;

RESET ROLE;
