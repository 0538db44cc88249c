-- +goose Up
-- River's tables hold job kinds and ids of rows, never contents; they carry no tenant and have no
-- row security, so they stand in a schema of their own. Default privileges make the grants hold for
-- whatever River's later migrations add. portico_platform inserts jobs beside platform.letters.
CREATE SCHEMA river;
GRANT USAGE ON SCHEMA river TO portico_app, portico_platform;
ALTER DEFAULT PRIVILEGES IN SCHEMA river GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portico_app, portico_platform;
ALTER DEFAULT PRIVILEGES IN SCHEMA river GRANT USAGE, SELECT ON SEQUENCES TO portico_app, portico_platform;
ALTER DEFAULT PRIVILEGES IN SCHEMA river GRANT EXECUTE ON FUNCTIONS TO portico_app, portico_platform;

-- Readiness asks for the schema's version as the application's own role.
GRANT SELECT ON goose_db_version TO portico_app;
