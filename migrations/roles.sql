-- The database roles of Portico. Run once by whoever may create roles (a superuser, or a
-- provider's administrator); `portico migrate up` runs it by itself when its own role may.
-- Passwords are set by the operator: ALTER ROLE portico_app PASSWORD '…'; and the database is given
-- to the owner: ALTER DATABASE … OWNER TO portico_owner.
--
--   portico_owner        owns the schema and migrates it; serves nothing
--   portico_app          serves; owns nothing, no BYPASSRLS, NOINHERIT so that portico_platform's
--                        policies hold only inside tenants.AcrossAll (SET LOCAL ROLE)
--   portico_platform     reads the directory and what find-my-portal and staff pages need
--   portico_maintenance  owns the retention functions; nobody signs in as it
--   portico_search       owns the functions that must use an index under row security
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_owner') THEN
    CREATE ROLE portico_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_app') THEN
    CREATE ROLE portico_app LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_platform') THEN
    CREATE ROLE portico_platform NOLOGIN NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_maintenance') THEN
    CREATE ROLE portico_maintenance NOLOGIN NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portico_search') THEN
    CREATE ROLE portico_search NOLOGIN NOBYPASSRLS;
  END IF;
END $$;
GRANT portico_platform TO portico_app;
GRANT portico_maintenance TO portico_owner;
-- PostgreSQL lets a role give its functions to one that it is a member of alone, so the role that migrates is
-- one of portico_search, and nobody else is. From PostgreSQL 16 on that membership passes on no rights: it sees
-- no rows by portico_search's policies, and a migration that changes those functions says SET ROLE first.
DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE 'GRANT portico_search TO portico_owner WITH INHERIT FALSE, SET TRUE'; -- older parsers do not know it
  ELSE
    GRANT portico_search TO portico_owner;
  END IF;
END $$;

-- Whatever a statement waits for, it gives up before the person does: a request has ten seconds.
ALTER ROLE portico_app SET statement_timeout = '15s';
ALTER ROLE portico_app SET lock_timeout = '5s';
ALTER ROLE portico_app SET idle_in_transaction_session_timeout = '20s';
