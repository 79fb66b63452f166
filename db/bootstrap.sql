-- db/bootstrap.sql
-- Purpose:   the roles of a cluster that serves clinicd. Roles belong to the cluster, not to a
--            database, so they are no migration. Run as superuser before everything else.
-- Repeat:    any number of times; two runs at the same time wait for each other. Attributes and
--            settings are put back to what stands here. Passwords are never touched.
-- After it:  give the LOGIN roles a way to authenticate (password or pg_hba.conf), then run
--            db/bootstrap_database.sql in each database, then the migrations.

DO $bootstrap$
DECLARE
    login_role text;
BEGIN
    -- Cluster-wide, unlike an advisory lock, which another database would not see. Sign-ins only
    -- read the catalog and are not held up.
    LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;

    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'clinicd_owner') THEN
        CREATE ROLE clinicd_owner;
    END IF;
    ALTER ROLE clinicd_owner
        NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;

    FOREACH login_role IN ARRAY ARRAY[
        'clinicd_app', 'clinicd_auth', 'clinicd_jobs', 'clinicd_sealer', 'clinicd_migrator']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = login_role) THEN
            EXECUTE format('CREATE ROLE %I', login_role);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION',
            login_role);
        -- Names resolve to our schema or to PostgreSQL's. Temporary objects come last, or they
        -- would be found first and could stand in for a table.
        EXECUTE format(
            'ALTER ROLE %I SET search_path = clinicd, pg_catalog, pg_temp', login_role);
        EXECUTE format('ALTER ROLE %I SET timezone = %L', login_role, 'UTC');
        EXECUTE format('ALTER ROLE %I SET jit = off', login_role);
        -- The server log must not hold health data: no row values in error details, no
        -- parameters of statements.
        EXECUTE format('ALTER ROLE %I SET log_error_verbosity = %L', login_role, 'terse');
        EXECUTE format('ALTER ROLE %I SET log_parameter_max_length = 0', login_role);
        EXECUTE format('ALTER ROLE %I SET log_parameter_max_length_on_error = 0', login_role);
    END LOOP;

    -- A migration may take its time between statements; a server process may not hold a
    -- transaction open while it does something else.
    FOREACH login_role IN ARRAY ARRAY[
        'clinicd_app', 'clinicd_auth', 'clinicd_jobs', 'clinicd_sealer']
    LOOP
        EXECUTE format(
            'ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', login_role, '15s');
    END LOOP;

    IF NOT pg_catalog.pg_has_role('clinicd_migrator', 'clinicd_owner', 'MEMBER') THEN
        GRANT clinicd_owner TO clinicd_migrator;
    END IF;
END
$bootstrap$;
