-- db/migrations/0034_type_audit_events.sql
-- Purpose:   the checks of single columns of audit events become checks of their types.
-- Locks:     ACCESS EXCLUSIVE on audit_events and its partitions while they are written anew.
-- Data:      all audit events are written anew, unchanged.
-- Roll back: never in place; a later migration gives the columns their old types and checks.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

-- Every call writes such a row. PostgreSQL parses and plans the checks of a table anew for each
-- statement that writes to it, and those of a domain once for each connection.
CREATE DOMAIN clinicd.audit_category AS text CONSTRAINT audit_category_ck CHECK (VALUE IN (
    'record', 'sign_in', 'permission', 'export', 'erasure', 'key', 'operation'));
CREATE DOMAIN clinicd.audit_action AS text
    CONSTRAINT audit_action_ck CHECK (VALUE IN ('create', 'read', 'update', 'delete', 'execute'));
CREATE DOMAIN clinicd.audit_method AS text
    CONSTRAINT audit_method_ck CHECK (char_length(VALUE) BETWEEN 1 AND 200);
CREATE DOMAIN clinicd.audit_outcome AS text
    CONSTRAINT audit_outcome_ck CHECK (char_length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN clinicd.audit_actor_roles AS text
    CONSTRAINT audit_actor_roles_ck CHECK (char_length(VALUE) <= 300);
CREATE DOMAIN clinicd.audit_purpose AS text
    CONSTRAINT audit_purpose_ck CHECK (char_length(VALUE) <= 200);
CREATE DOMAIN clinicd.audit_entity_type AS text
    CONSTRAINT audit_entity_type_ck CHECK (char_length(VALUE) BETWEEN 1 AND 64);
CREATE DOMAIN clinicd.audit_entity_version AS bigint
    CONSTRAINT audit_entity_version_ck CHECK (VALUE >= 1);
CREATE DOMAIN clinicd.audit_changed_fields AS text
    CONSTRAINT audit_changed_fields_ck CHECK (char_length(VALUE) <= 2000);
CREATE DOMAIN clinicd.audit_request_id AS text
    CONSTRAINT audit_request_id_ck CHECK (char_length(VALUE) BETWEEN 1 AND 128);
CREATE DOMAIN clinicd.audit_client_address AS text
    CONSTRAINT audit_client_address_ck CHECK (char_length(VALUE) <= 255);
CREATE DOMAIN clinicd.audit_user_agent AS text
    CONSTRAINT audit_user_agent_ck CHECK (char_length(VALUE) <= 512);
CREATE DOMAIN clinicd.audit_node AS text CONSTRAINT audit_node_ck CHECK (char_length(VALUE) <= 255);
CREATE DOMAIN clinicd.audit_build AS text
    CONSTRAINT audit_build_ck CHECK (char_length(VALUE) <= 100);

-- A policy holds the type of a column.
DROP POLICY audit_events_retention ON clinicd.audit_events;
ALTER TABLE clinicd.audit_events
    DROP CONSTRAINT audit_events_category_ck,
    DROP CONSTRAINT audit_events_action_ck,
    DROP CONSTRAINT audit_events_method_ck,
    DROP CONSTRAINT audit_events_outcome_ck,
    DROP CONSTRAINT audit_events_actor_roles_ck,
    DROP CONSTRAINT audit_events_purpose_ck,
    DROP CONSTRAINT audit_events_entity_type_ck,
    DROP CONSTRAINT audit_events_entity_version_ck,
    DROP CONSTRAINT audit_events_changed_fields_ck,
    DROP CONSTRAINT audit_events_request_id_ck,
    DROP CONSTRAINT audit_events_client_address_ck,
    DROP CONSTRAINT audit_events_user_agent_ck,
    DROP CONSTRAINT audit_events_node_ck,
    DROP CONSTRAINT audit_events_build_ck,
    ALTER COLUMN category TYPE clinicd.audit_category,
    ALTER COLUMN action TYPE clinicd.audit_action,
    ALTER COLUMN method TYPE clinicd.audit_method,
    ALTER COLUMN outcome TYPE clinicd.audit_outcome,
    ALTER COLUMN actor_roles TYPE clinicd.audit_actor_roles,
    ALTER COLUMN purpose TYPE clinicd.audit_purpose,
    ALTER COLUMN entity_type TYPE clinicd.audit_entity_type,
    ALTER COLUMN entity_version TYPE clinicd.audit_entity_version,
    ALTER COLUMN changed_fields TYPE clinicd.audit_changed_fields,
    ALTER COLUMN request_id TYPE clinicd.audit_request_id,
    ALTER COLUMN client_address TYPE clinicd.audit_client_address,
    ALTER COLUMN user_agent TYPE clinicd.audit_user_agent,
    ALTER COLUMN node TYPE clinicd.audit_node,
    ALTER COLUMN build TYPE clinicd.audit_build;
CREATE POLICY audit_events_retention ON clinicd.audit_events
    FOR INSERT TO clinicd_owner
    WITH CHECK (clinic_id = (SELECT clinicd.current_clinic_id()) AND category = 'erasure');

RESET ROLE;
