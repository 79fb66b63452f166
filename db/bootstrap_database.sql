-- db/bootstrap_database.sql
-- Purpose:   what a database needs before the first migration and only a superuser may do:
--            the extension, the schema, who may connect, the guard over new tables.
-- Repeat:    any number of times; two runs at the same time wait for each other. Run it again in
--            a database made from a template: rights on a database are not copied.
-- Before it: db/bootstrap.sql, once in the cluster.

DO $bootstrap$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtextextended('clinicd bootstrap_database', 0));

    EXECUTE format(
        'REVOKE ALL ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO clinicd_app, clinicd_auth, clinicd_jobs, '
        'clinicd_sealer, clinicd_migrator', pg_catalog.current_database());

    -- uuid columns in exclusion constraints.
    CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;

    CREATE SCHEMA IF NOT EXISTS clinicd AUTHORIZATION clinicd_owner;
    REVOKE ALL ON SCHEMA clinicd FROM PUBLIC;

    -- Where the partitions of partitioned tables lie: rows are reached through the table itself,
    -- whose policies bind, and nobody may so much as name a partition.
    CREATE SCHEMA IF NOT EXISTS clinicd_partitions AUTHORIZATION clinicd_owner;
    REVOKE ALL ON SCHEMA clinicd_partitions FROM PUBLIC;

    -- A table whose migration forgets row-level security is closed, not open: with it forced and
    -- no policy, nobody but a superuser sees a row. Only the bookkeeping of migrations is left
    -- out: it holds no clinic's data, and the migrating role must read it. The function stands
    -- outside the schema clinicd, whose owner must not be able to replace what runs when a
    -- superuser makes a table.
    CREATE OR REPLACE FUNCTION public.clinicd_force_row_security()
        RETURNS event_trigger
        LANGUAGE plpgsql
        SET search_path = pg_catalog, pg_temp
    AS $function$
    DECLARE
        created record;
    BEGIN
        FOR created IN
            SELECT c.oid::regclass AS name
            FROM pg_event_trigger_ddl_commands() AS d
            JOIN pg_class AS c
                ON c.oid = d.objid
            WHERE d.classid = 'pg_class'::regclass
                AND d.schema_name IN ('clinicd', 'clinicd_partitions')
                AND c.relkind IN ('r', 'p')
                AND c.relname <> 'schema_migrations'
        LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', created.name);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', created.name);
        END LOOP;
    END
    $function$;
    REVOKE ALL ON FUNCTION public.clinicd_force_row_security() FROM PUBLIC;
    COMMENT ON FUNCTION public.clinicd_force_row_security() IS
        'Event trigger: enables and forces row-level security on every new table of the schemas.';

    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_event_trigger WHERE evtname = 'clinicd_force_row_security')
    THEN
        CREATE EVENT TRIGGER clinicd_force_row_security ON ddl_command_end
            WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
            EXECUTE FUNCTION public.clinicd_force_row_security();
    END IF;
END
$bootstrap$;
